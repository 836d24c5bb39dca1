#include "summary.hpp"

#include "quick_look.hpp"

#include "rhosweep/analysis/analysis.hpp"
#include "rhosweep/analysis/render.hpp"
#include "rhosweep/core/print.hpp"
#include "rhosweep/core/text.hpp"
#include "rhosweep/core/text_table.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace rhosweep::app {

namespace {

constexpr std::array factors{2.0, 4.0, 16.0};
constexpr std::int64_t most_tables = 4;

std::string factor_text(const analysis::ScheduleAnalysis& found, double factor) {
  double cost = analysis::unknown;
  for (const analysis::FactorCost& each : found.costs)
    if (each.factor == factor) cost = each.error_ratio;
  if (std::isnan(cost)) return "-";
  if (std::isinf(cost)) return "diverged";
  constexpr double longest = 99999.0;
  return cost < longest ? fmt::format("{:.2f}", cost) : fmt::format("{:.2g}", cost);
}

/// Prints the best stepsize of each schedule. @param with_costs also what stepsizes cost that are too large
void print_table(const analysis::Group& group, const std::string& metric, bool with_costs) {
  core::TextTable table;
  std::vector<std::string> head = analysis::best_head(metric);
  if (with_costs)
    for (const double factor : factors) head.push_back(fmt::format("x{:g}", factor));
  table.add(std::move(head));
  for (const auto& found : group.schedules) {
    if (std::isnan(found.best)) {
      table.add({model::schedule_name(found.schedule), found.curve.empty() ? "incomplete" : "diverged"});
      continue;
    }
    std::vector<std::string> row = analysis::best_row(found);
    if (with_costs)
      for (const double factor : factors) row.push_back(factor_text(found, factor));
    table.add(std::move(row));
  }
  core::print_text(table.text());
}

/// Says what a search has found. @param groups the axes points that are shown
std::string finding(const std::vector<analysis::Group>& groups, std::int64_t cells, std::int64_t of_cells) {
  const bool is_any = std::ranges::any_of(groups, [](const analysis::Group& group) {
    return std::ranges::any_of(group.schedules, [](const auto& found) { return !std::isnan(found.best); });
  });
  return is_any ? fmt::format("Best stepsizes {}.", analysis::search_text(cells, of_cells))
                : fmt::format("No stepsize has a result; the search ran {}.",
                              core::part_of(cells, of_cells, "cell"));
}

}  // namespace

void print_summary(const store::ResultsReader& file) {
  const model::Grid& grid = file.description().grid;
  const std::int64_t not_needed = file.count_status()[model::CellStatus::not_needed];
  const bool is_search = not_needed > 0;
  const analysis::Analyser analyser(file, quick_look());
  const std::int64_t shown = std::min(analyser.groups(), most_tables);
  std::vector<analysis::Group> groups;
  for (std::int64_t point = 0; point < shown; ++point) groups.push_back(analyser.group(point));

  const std::string seeds = core::counted(std::ssize(grid.seeds), "seed");
  if (is_search)
    core::print("{}\nMean over at most {}.\n",
                finding(groups, grid.included_cells() - not_needed, grid.included_cells()), seeds);
  else
    core::print(
        "Mean over {}. x2, x4, x16: loss relative to the best when the stepsize is\n"
        "2, 4 or 16 times too large.\n",
        seeds);
  for (const analysis::Group& group : groups) {
    const std::string where = analysis::label(group.axes);
    core::print("\n{}{}", where, where.empty() ? "" : "\n");
    print_table(group, analyser.metric(), !is_search);
  }
  if (shown < analyser.groups())
    core::print("\n… and {}\n", core::counted(analyser.groups() - shown, "more axes point"));
}

}  // namespace rhosweep::app
