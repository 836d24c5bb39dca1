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
  std::string command_line;  ///< recorded in the provenance
};

/// Counts of the cells of a merged file.
struct MergedCells {
  std::int64_t all = 0;
  std::int64_t finished = 0;
  std::int64_t failed = 0;
  std::int64_t missing = 0;  ///< in none of the files
};

/// Joins the cells of several results files in one. The merged file has the sweep of the file with the most
/// cells. Throws core::InputError if a file has cells that this sweep lacks, core::Error if two files hold
/// different results of a cell, and what ResultsReader and ResultsFile::create throw. In these cases it
/// writes nothing.
MergedCells merge_files(const MergeOptions& options);

}  // namespace rhosweep::study
