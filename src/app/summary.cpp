#include "summary.hpp"

#include "rhosweep/analysis/analysis.hpp"
#include "rhosweep/core/text.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include <fmt/format.h>

namespace rhosweep::app {

namespace {

constexpr std::array factors{2.0, 4.0, 16.0};
constexpr std::int64_t most_tables = 4;

std::string factor_text(const analysis::CurvePoint* point) {
  if (point == nullptr || std::isnan(point->error_ratio)) return "-";
  return std::isinf(point->error_ratio) ? "diverged" : fmt::format("{:.2f}", point->error_ratio);
}

void print_table(const analysis::Group& group, const std::string& metric) {
  std::size_t width = std::size("schedule");
  for (const auto& found : group.schedules) width = std::max(width, found.schedule.size());
  fmt::print("{:<{}}  {:>13}  {:>8}  {:>12}", "schedule", width, "best stepsize", "at rho", metric);
  for (const double factor : factors) fmt::print("  {:>8}", fmt::format("x{:g}", factor));
  fmt::print("\n");
  for (const auto& found : group.schedules) {
    if (!std::isnan(found.best)) {
      fmt::print("{:<{}}  {:>13.4g}  {:>8.3g}  {:>12.4g}", found.schedule, width, found.best_stepsize,
                 found.best_rho, found.best);
      for (const double factor : factors) fmt::print("  {:>8}", factor_text(point_near(found, factor)));
    } else {
      fmt::print("{:<{}}  {:>13}", found.schedule, width, found.curve.empty() ? "incomplete" : "diverged");
    }
    fmt::print("\n");
  }
}

}  // namespace

void print_summary(const store::ResultsReader& file) {
  const model::Grid& grid = file.description().grid;
  fmt::print(
      "Mean over {}; x2, x4, x16: how many times larger at a stepsize that is so many times too large\n",
      core::counted(std::ssize(grid.seeds), "seed"));
  const std::int64_t shown = std::min(grid.points(), most_tables);
  analysis::Options options;
  options.resamples = 0;
  options.with_theory = false;
  options.with_grids = false;
  const analysis::Analyser analyser(file, options);
  for (std::int64_t point = 0; point < shown; ++point) {
    const analysis::Group group = analyser.group(point);
    const std::string where = analysis::label(group.axes);
    fmt::print("\n{}{}", where, where.empty() ? "" : "\n");
    print_table(group, analyser.metric());
  }
  if (shown < grid.points()) fmt::print("\n… and {} more axes points\n", grid.points() - shown);
}

}  // namespace rhosweep::app
