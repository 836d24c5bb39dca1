#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace rhosweep::core {

/// Cells of text in columns: the first to the left, the others to the right. Columns that do not fit into
/// most_columns follow below, again beside the first. A first cell that leaves no room for a column stands in
/// lines of its own above its row.
class TextTable {
 public:
  /// @param indent begins every line
  explicit TextTable(std::string indent = "");

  /// Shortens the first cell to most_of_label.
  /// @param row may lack the last cells
  void add(std::vector<std::string> row);
  std::string text() const;

 private:
  /// The first column and those from `first` to before `end`.
  std::string columns_from(const std::vector<std::size_t>& widths, std::size_t first, std::size_t end) const;

  std::string indent_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace rhosweep::core
