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
  std::int64_t missing = 0;  ///< cells that none of the files has run, and those that were cleared
  std::int64_t cleared = 0;  ///< cells that contradict the section [stop_when]
};

/// Merges the cells of several results files into one file, which has the sweep of the file with the most
/// cells. Throws core::InputError if a file has cells that this sweep lacks. Throws core::Error if two files
/// hold different results for the same cell. Also throws what ResultsReader and ResultsFile::create throw.
/// Makes no file if it throws.
MergedCells merge_files(const MergeOptions& options);

}  // namespace rhosweep::study
