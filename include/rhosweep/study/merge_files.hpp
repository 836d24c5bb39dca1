#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace rhosweep::study {

struct MergeOptions {
  std::vector<std::filesystem::path> files;
  std::filesystem::path output;
  bool overwrite = false;
  std::string command_line;  ///< for the provenance
};

/// Number of cells of a merged file.
struct MergedCells {
  std::int64_t all = 0;
  std::int64_t finished = 0;
  std::int64_t failed = 0;
  std::int64_t missing = 0;  ///< in none of the files
};

/// Makes one results file of the cells of several. The file with the most cells says what its sweep is.
/// Throws core::InputError if a file has cells that this sweep lacks, core::Error if two files hold different
/// results of a cell, and what ResultsReader and ResultsFile::create throw; nothing is written then.
MergedCells merge_files(const MergeOptions& options);

}  // namespace rhosweep::study
