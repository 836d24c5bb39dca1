#include "rhosweep/core/text_table.hpp"

#include "rhosweep/core/text.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace rhosweep::core {

namespace {

std::string spaces_after(const std::string& text, std::size_t width) {
  return std::string(width - std::min(width, columns(text)), ' ');
}

}  // namespace

TextTable::TextTable(std::string indent) : indent_(std::move(indent)) {}

void TextTable::add(std::vector<std::string> row) {
  if (!row.empty() && row.front().size() > most_of_label) row.front() = short_label(row.front());
  rows_.push_back(std::move(row));
}

std::string TextTable::columns_from(const std::vector<std::size_t>& widths, std::size_t first,
                                    std::size_t end) const {
  std::string text;
  for (const auto& row : rows_) {
    std::string name = row.front();
    if (columns(name) > widths.front()) {
      text += wrapped(indent_ + name, most_columns, "  ") + '\n';
      name.clear();
    }
    std::string line = indent_ + name + spaces_after(name, widths.front());
    for (std::size_t c = first; c < std::min(end, row.size()); ++c)
      line += fmt::format("  {}{}", spaces_after(row[c], widths[c]), row[c]);
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + '\n';
  }
  return text;
}

std::string TextTable::text() const {
  std::vector<std::size_t> widths;
  std::size_t widest = 0;
  for (const auto& row : rows_) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t c = 1; c < row.size(); ++c) widest = std::max(widest, columns(row[c]) + 2);
    for (std::size_t c = 1; c < row.size(); ++c) widths[c] = std::max(widths[c], columns(row[c]));
  }
  const std::size_t room = most_columns - std::min(most_columns, indent_.size() + widest);
  for (const auto& row : rows_)
    if (columns(row.front()) <= room) widths.front() = std::max(widths.front(), columns(row.front()));
  std::string text;
  for (std::size_t first = 1; first < widths.size();) {
    std::size_t width = indent_.size() + widths.front();
    std::size_t end = first;
    while (end < widths.size() && (end == first || width + 2 + widths[end] <= most_columns))
      width += 2 + widths[end++];
    if (!text.empty()) text += '\n';
    text += columns_from(widths, first, end);
    first = end;
  }
  return text;
}

}  // namespace rhosweep::core
