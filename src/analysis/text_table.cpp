#include "text_table.hpp"

#include "rhosweep/core/text.hpp"

#include <algorithm>
#include <utility>

namespace rhosweep::analysis {

std::string TextTable::columns(const std::vector<std::size_t>& widths, std::size_t first,
                               std::size_t end) const {
  std::string text;
  for (const auto& row : rows_) {
    std::string line = fmt::format("{:<{}}", row.front(), widths.front());
    for (std::size_t c = first; c < std::min(end, row.size()); ++c)
      line += fmt::format("  {:>{}}", row[c], widths[c]);
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + '\n';
  }
  return text;
}

std::string TextTable::text() const {
  std::vector<std::size_t> widths;
  for (const auto& row : rows_) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t c = 0; c < row.size(); ++c) widths[c] = std::max(widths[c], row[c].size());
  }
  std::string text;
  for (std::size_t first = 1; first < widths.size();) {
    std::size_t width = widths.front();
    std::size_t end = first;
    while (end < widths.size() && (end == first || width + 2 + widths[end] <= most_columns))
      width += 2 + widths[end++];
    if (!text.empty()) text += '\n';
    text += columns(widths, first, end);
    first = end;
  }
  return text;
}

void ReasonLines::add(const std::string& schedule, const std::string& reason, const std::string& where,
                      std::size_t of) {
  if (reason.empty()) return;
  const auto known = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& entry) {
    return entry.schedule == schedule && entry.reason == reason;
  });
  Entry& entry = known == entries_.end()
                     ? entries_.emplace_back(Entry{.schedule = schedule, .reason = reason, .of = of})
                     : *known;
  entry.places.push_back(where);
}

std::string ReasonLines::line(const Entry& entry) const {
  if (what_.empty() && entry.places.size() == entry.of) return entry.reason;
  if (what_.empty()) return fmt::format("{}: {}", core::all_of(entry.places), entry.reason);
  if (entry.places.size() == entry.of) return fmt::format("{}: {}", what_, entry.reason);
  return fmt::format("{} for {}: {}", what_, core::all_of(entry.places), entry.reason);
}

std::string ReasonLines::text() const {
  std::vector<std::pair<std::string, std::vector<std::string>>> lines;
  for (const Entry& entry : entries_) {
    const std::string own = line(entry);
    const auto known =
        std::find_if(lines.begin(), lines.end(), [&](const auto& each) { return each.first == own; });
    (known == lines.end() ? lines.emplace_back(own, std::vector<std::string>{}) : *known)
        .second.push_back(entry.schedule);
  }
  std::string text;
  for (const auto& [own, schedules] : lines)
    text += core::wrapped(fmt::format("{}: {}", fmt::join(schedules, ", "), own), most_columns) + '\n';
  return text;
}

std::string number_text(double value, int digits) {
  if (std::isnan(value)) return "-";
  return std::isinf(value) ? "diverged" : fmt::format("{:.{}g}", value, digits);
}

std::string fixed_text(double value, int digits) {
  if (std::isnan(value)) return "-";
  return std::isinf(value) ? "diverged" : fmt::format("{:.{}f}", value, digits);
}

std::string factor_text(double cost) {
  if (!std::isfinite(cost)) return "-";
  return cost < 9.0 ? fmt::format("{:.2f}", 1.0 + cost) : fmt::format("{:.3g}", 1.0 + cost);
}

std::string grid_ratio_text(double value) {
  if (std::isinf(value)) return "beyond";
  if (value < 10.0) return fmt::format("{:.3g}", value);
  const double unit = std::pow(10.0, std::floor(std::log10(value)) - 1.0);
  return fmt::format("{:.0f}", std::round(value / unit) * unit);
}

}  // namespace rhosweep::analysis
