#include "reason_lines.hpp"

#include "rhosweep/core/text.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace rhosweep::analysis {

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
    text += core::wrapped(fmt::format("{}: {}", fmt::join(schedules, ", "), own)) + '\n';
  return text;
}

}  // namespace rhosweep::analysis
