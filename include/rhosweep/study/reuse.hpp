#pragma once

#include "rhosweep/model/cell_set.hpp"
#include "rhosweep/store/copy_cells.hpp"
#include "rhosweep/store/description.hpp"
#include "rhosweep/store/results_file.hpp"
#include "rhosweep/store/results_reader.hpp"

#include <cstdint>
#include <filesystem>
#include <vector>

namespace rhosweep::study {

/// Returns a file's description as this version would write it. Older versions wrote sweeps of programs
/// differently, so their files also have other point keys (store::FileDescription). Needs neither the data
/// files nor the minima of the sweep.
store::FileDescription present_description(const store::ResultsReader& file);

/// Results files from which cells are copied into another results file. Only one of these files is open at a
/// time, so there may be many files.
class Sources {
 public:
  /// Checks every file. Throws what ResultsReader and require_own_coordinates throw.
  explicit Sources(std::vector<std::filesystem::path> files);

  bool empty() const { return files_.empty(); }
  std::int64_t size() const { return std::ssize(files_); }

  /// Removes from `wanted` the cells that copy() would copy. For each file, logs how many cells it would
  /// copy, or why it would copy none.
  void count(const store::FileDescription& to, model::CellSet& wanted) const;

  /// Copies the finished cells among `wanted` into the file `to`, and removes them from `wanted`. For each
  /// file, logs how many cells were copied, or why none were. If two files hold different results for a cell,
  /// logs an error for each such cell and then throws core::Error.
  /// @param to file that receives the cells
  /// @param description the description of `to`
  /// @param wanted cells of `to` that may be copied
  /// @param failed whether failed cells are copied, too
  void copy(store::ResultsFile& to, const store::FileDescription& description, model::CellSet& wanted,
            store::FailedCells failed) const;

 private:
  std::vector<std::filesystem::path> files_;
};

}  // namespace rhosweep::study
