#pragma once

#include "rhosweep/model/cell_set.hpp"
#include "rhosweep/store/copy_cells.hpp"
#include "rhosweep/store/description.hpp"
#include "rhosweep/store/results_file.hpp"

#include <cstdint>
#include <filesystem>
#include <vector>

namespace rhosweep::study {

/// Results files whose cells go into another one. They are opened one after another, so that there may be
/// many.
class Sources {
 public:
  /// Looks at each. Throws what ResultsReader and require_own_coordinates throw.
  explicit Sources(std::vector<std::filesystem::path> files);

  bool empty() const { return files_.empty(); }
  std::int64_t size() const { return std::ssize(files_); }

  /// Takes what copy() would copy out of the wanted, and says on standard error how much that is, or why it
  /// is nothing.
  void count(const store::FileDescription& to, model::CellSet& wanted) const;

  /// Copies their finished cells into those wanted of a file, and takes them out of the wanted; says on
  /// standard error how many they are, or why there are none. Throws core::Error if two files hold other
  /// results of the same cell, with a line before for each such cell.
  /// @param to the file
  /// @param description of the file
  /// @param wanted cells of the file
  /// @param failed whether failed cells are copied, too
  void copy(store::ResultsFile& to, const store::FileDescription& description, model::CellSet& wanted,
            store::FailedCells failed) const;

 private:
  std::vector<std::filesystem::path> files_;
};

}  // namespace rhosweep::study
