#include "best_table.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace rhosweep::app {

analysis::Options quick_look() {
  analysis::Options options;
  options.resamples = 0;
  options.with_theory = false;
  options.with_grids = false;
  return options;
}

BestTable::BestTable(const analysis::Group& group, std::vector<Column> columns, std::string indent)
    : columns_(std::move(columns)), indent_(std::move(indent)) {
  for (const auto& found : group.schedules)
    columns_.front().width = std::max(columns_.front().width, found.schedule.size());
}

std::string BestTable::head() const {
  std::vector<std::string> texts;
  for (std::size_t i = 1; i < columns_.size(); ++i) texts.push_back(columns_[i].head);
  return row(columns_.front().head, texts);
}

std::string BestTable::row(const std::string& schedule, const std::vector<std::string>& texts) const {
  std::string line = fmt::format("{}{:<{}}", indent_, schedule, columns_.front().width);
  for (std::size_t i = 0; i < texts.size(); ++i)
    line += fmt::format("  {:>{}}", texts[i], columns_[i + 1].width);
  return line + '\n';
}

}  // namespace rhosweep::app
