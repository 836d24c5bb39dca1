#include "report.hpp"

#include "rhosweep/analysis/summary.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <optional>
#include <variant>

#include <fmt/format.h>

namespace rhosweep::app {

namespace {

constexpr std::array factors{2.0, 4.0, 16.0};
constexpr std::int64_t most_tables = 4;

std::string factor_text(const std::optional<double>& ratio) {
  if (!ratio) return "-";
  return std::isinf(*ratio) ? "diverged" : fmt::format("{:.2f}", *ratio);
}

void print_table(const store::ResultsReader& file, core::PointIndex point) {
  const std::string metric = analysis::default_metric(file, point);
  const auto summaries = analysis::summarise(file, point, metric, factors);
  std::size_t width = std::size("schedule");
  for (const auto& summary : summaries) width = std::max(width, summary.schedule.size());
  fmt::print("{:<{}}  {:>13}  {:>8}  {:>12}", "schedule", width, "best stepsize", "at rho", metric);
  for (const double factor : factors) fmt::print("  {:>8}", fmt::format("x{:g}", factor));
  fmt::print("\n");
  for (const auto& summary : summaries) {
    if (std::isfinite(summary.best)) {
      fmt::print("{:<{}}  {:>13.4g}  {:>8.3g}  {:>12.4g}", summary.schedule, width, summary.best_stepsize,
                 summary.best_rho, summary.best);
      for (const auto& ratio : summary.degradation) fmt::print("  {:>8}", factor_text(ratio));
    } else {
      fmt::print("{:<{}}  {:>13}", summary.schedule, width,
                 std::isnan(summary.best) ? "incomplete" : "diverged");
    }
    fmt::print("\n");
  }
}

}  // namespace

std::string point_label(const model::Grid& grid, core::PointIndex point) {
  const auto index = grid.coordinates(point);
  std::string label;
  for (std::size_t a = 0; a < grid.axes.size(); ++a) {
    const auto value = std::visit([&](const auto& values) { return fmt::format("{}", values[index[a]]); },
                                  grid.axes[a].values);
    label += fmt::format("{}{} = {}", a > 0 ? ", " : "", grid.axes[a].key, value);
  }
  return label;
}

std::string cell_label(const model::Grid& grid, const model::Block& block) {
  const std::int64_t rhos = std::ssize(grid.rhos);
  const std::string label = point_label(grid, block.point);
  return fmt::format("{}{}seed = {}, schedule = {}, rho = {}", label, label.empty() ? "" : ", ",
                     grid.seeds[block.seed], grid.schedules[block.first / rhos].spec(),
                     grid.rhos[block.first % rhos]);
}

void print_summary(const store::ResultsReader& file) {
  const model::Grid& grid = file.description().grid;
  fmt::print(
      "Mean over {} seed{}; x2, x4, x16: how many times larger at a stepsize that is so many times too "
      "large\n",
      grid.seeds.size(), grid.seeds.size() == 1 ? "" : "s");
  const std::int64_t shown = std::min(grid.points(), most_tables);
  for (core::PointIndex point; point.value < shown; ++point) {
    const std::string label = point_label(grid, point);
    fmt::print("\n{}{}", label, label.empty() ? "" : "\n");
    print_table(file, point);
  }
  if (shown < grid.points()) fmt::print("\n… and {} more axes points\n", grid.points() - shown);
}

}  // namespace rhosweep::app
