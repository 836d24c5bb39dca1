#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace rhosweep::core {

/// A table of text: the first column is left-aligned, the others are right-aligned. Columns that do not fit
/// into most_columns follow in a further table below, which repeats the first column. If the first cell of a
/// row leaves no room for other columns, it stands on separate lines above its row.
class TextTable {
 public:
  /// @param indent text that begins every line
  explicit TextTable(std::string indent = "");

  /// Adds a row. Shortens its first cell to most_of_label bytes.
  /// @param row may omit trailing cells
  void add(std::vector<std::string> row);
  std::string text() const;

 private:
  /// Returns the table with the first column and columns [first, end).
  std::string columns_from(const std::vector<std::size_t>& widths, std::size_t first, std::size_t end) const;

  std::string indent_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace rhosweep::core
