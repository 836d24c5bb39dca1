#include "rhosweep/analysis/render.hpp"
#include "rhosweep/core/text.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include <fmt/format.h>

namespace rhosweep::analysis {

namespace {

/// The factors that the misspecification table shows, or the grid's nearest to them.
constexpr std::array factors{0.25, 0.5, 2.0, 4.0, 16.0, 64.0};
/// The coarse grids that the table shows: the ones nearest to these ratios.
constexpr std::array shown_ratios{2.0, 3.2, 5.0, 10.0, 100.0};

/// Cells of text in columns: the first to the left, the others to the right.
class TextTable {
 public:
  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }

  std::string text() const {
    std::vector<std::size_t> widths;
    for (const auto& row : rows_) {
      widths.resize(std::max(widths.size(), row.size()));
      for (std::size_t c = 0; c < row.size(); ++c) widths[c] = std::max(widths[c], row[c].size());
    }
    std::string text;
    for (const auto& row : rows_) {
      std::string line = fmt::format("{:<{}}", row.front(), widths.front());
      for (std::size_t c = 1; c < row.size(); ++c) line += fmt::format("  {:>{}}", row[c], widths[c]);
      line.erase(line.find_last_not_of(' ') + 1);
      text += line + '\n';
    }
    return text;
  }

 private:
  std::vector<std::vector<std::string>> rows_;
};

std::string number(double value, int digits) {
  if (std::isnan(value)) return "-";
  return std::isinf(value) ? "diverged" : fmt::format("{:.{}g}", value, digits);
}

std::string fixed(double value, int digits) {
  if (std::isnan(value)) return "-";
  return std::isinf(value) ? "diverged" : fmt::format("{:.{}f}", value, digits);
}

std::string percent(double share) {
  if (std::isnan(share)) return "-";
  return std::isinf(share) ? "diverged" : fmt::format("{:.1f} %", 100.0 * share);
}

template <class Format>
std::string interval(const Interval& interval, const Format& format) {
  return std::isnan(interval.low) ? "-"
                                  : fmt::format("[{}, {}]", format(interval.low), format(interval.high));
}

std::string best_table(const Analysis& analysis, const Group& group) {
  TextTable table;
  const bool is_incomplete = group.coverage.any_missing();
  const bool lacks_rho = std::any_of(group.schedules.begin(), group.schedules.end(),
                                     [](const auto& found) { return !found.left_out.empty(); });
  std::vector<std::string> head{"schedule",      "best stepsize", "at rho",
                                analysis.metric, "95 % interval", "lr sensitivity"};
  if (is_incomplete) head.emplace_back("trials missing");
  if (lacks_rho) head.emplace_back("rho left out");
  table.add(std::move(head));
  for (const auto& found : group.schedules) {
    std::vector<std::string> row{found.schedule,
                                 number(found.best_stepsize, 4),
                                 number(found.best_rho, 3),
                                 number(found.best, 4),
                                 interval(found.best_ci, [](double x) { return number(x, 4); }),
                                 number(found.lr_sensitivity, 3)};
    if (is_incomplete)
      row.push_back(
          fmt::format("{} of {}", found.missing.pending + found.missing.failed, found.missing.cells));
    if (lacks_rho)
      row.push_back(
          fmt::format("{} of {}", found.left_out.size(), found.left_out.size() + found.curve.size()));
    table.add(std::move(row));
  }
  return table.text();
}

/// The factors that some schedule reaches. On a geometric grid every schedule's ratios to its best ρ are the
/// same powers.
std::vector<double> shown_factors(const Group& group) {
  const auto& grids = group.schedules.front().coarse_grid;
  if (grids.empty()) return {factors.begin(), factors.end()};
  const double step = std::log(grids.front().ratio);
  std::set<double> powers;
  for (const double factor : factors) powers.insert(std::round(std::log(factor) / step));
  powers.erase(0.0);
  std::vector<double> nearest;
  nearest.reserve(powers.size());
  for (const double power : powers) {
    const double factor = std::exp(step * power);
    if (std::any_of(group.schedules.begin(), group.schedules.end(),
                    [&](const auto& found) { return point_near(found, factor) != nullptr; }))
      nearest.push_back(factor);
  }
  return nearest;
}

std::string cost_table(const Analysis& analysis, const Group& group) {
  TextTable table;
  const auto shown = shown_factors(group);
  std::vector<std::string> head{analysis.theory.applies ? "cost / theory at" : "cost at"};
  for (const double factor : shown) head.push_back(fmt::format("x{:.3g}", factor));
  table.add(std::move(head));
  for (const auto& found : group.schedules) {
    std::vector<std::string> row{found.schedule};
    for (const double factor : shown) {
      const CurvePoint* point = point_near(found, factor);
      std::string cell = point == nullptr ? "-" : fixed(point->error_ratio, 2);
      if (point != nullptr && analysis.theory.applies) cell += " / " + fixed(point->theory_ratio, 2);
      row.push_back(std::move(cell));
    }
    table.add(std::move(row));
  }
  return table.text();
}

std::string exponent_table(const Analysis& analysis, const Group& group) {
  TextTable table;
  std::vector<std::string> head{"growth with rho", "exponent", "95 % interval", "points"};
  if (analysis.theory.applies) head.insert(head.end(), {"bound's slope", "asymptotic"});
  table.add(std::move(head));
  for (const auto& found : group.schedules) {
    std::vector<std::string> row{found.schedule, fixed(found.exponent, 3),
                                 interval(found.exponent_ci, [](double x) { return fixed(x, 3); }),
                                 std::to_string(found.exponent_points)};
    if (analysis.theory.applies)
      row.insert(row.end(), {fixed(found.theory_slope, 3), fixed(found.theory_exponent, 3)});
    table.add(std::move(row));
  }
  return table.text();
}

/// The strides whose ratios are nearest to the ones to show.
std::set<std::size_t> shown_strides(const std::vector<CoarseGrid>& grids) {
  std::set<std::size_t> strides;
  for (const double ratio : shown_ratios) {
    if (grids.empty() || ratio > grids.back().ratio * 1.1) continue;
    const auto nearest = std::min_element(grids.begin(), grids.end(), [&](const auto& a, const auto& b) {
      return std::abs(std::log(a.ratio / ratio)) < std::abs(std::log(b.ratio / ratio));
    });
    strides.insert(static_cast<std::size_t>(nearest - grids.begin()));
  }
  return strides;
}

std::string coarse_table(const Group& group) {
  const auto strides = shown_strides(group.schedules.front().coarse_grid);
  TextTable table;
  std::vector<std::string> head{"worst regret at grid ratio"};
  for (const std::size_t i : strides)
    head.push_back(fmt::format("{:.3g}", group.schedules.front().coarse_grid[i].ratio));
  table.add(std::move(head));
  for (const auto& found : group.schedules) {
    std::vector<std::string> row{found.schedule};
    for (const std::size_t i : strides) {
      const CoarseGrid& grid = found.coarse_grid[i];
      std::string cell = percent(grid.worst_regret);
      if (!std::isnan(grid.worst_ci.low))
        cell += fmt::format(" [{:.1f}, {:.1f}]", 100.0 * grid.worst_ci.low, 100.0 * grid.worst_ci.high);
      row.push_back(std::move(cell));
    }
    table.add(std::move(row));
  }
  return table.text();
}

std::string advice_lines(const Group& group) {
  std::string text;
  for (const auto& found : group.schedules) {
    const Advice& advice = found.advice;
    if (std::isnan(advice.ratio)) continue;
    text += fmt::format(
        "{}: a grid ratio of {:.3g} keeps the worst regret within {:g} %: {} of {} grid points, saving "
        "{:.0f} %\n",
        found.schedule, advice.ratio, 100.0 * advice.tolerance, advice.grid_points, advice.of_points,
        100.0 * advice.saved_share);
  }
  return text;
}

/// "12 seeds"; where fewer count, "3 of 12 seeds" or, if groups differ, "3 to 7 of 12 seeds".
std::string seeds_text(const Analysis& analysis) {
  std::int64_t low = analysis.seeds;
  std::int64_t high = 0;
  for (const Group& group : analysis.groups) {
    low = std::min(low, group.coverage.seeds_used());
    high = std::max(high, group.coverage.seeds_used());
  }
  std::string text = low == analysis.seeds ? ""
                     : low == high         ? fmt::format("{} of ", low)
                                           : fmt::format("{} to {} of ", low, high);
  return text + core::counted(analysis.seeds, "seed");
}

/// What the means of a group stand on if trials are missing.
std::string coverage_line(const Coverage& coverage) {
  if (!coverage.any_missing()) return {};
  if (coverage.complete_seeds == 0)
    return fmt::format(
        "INCOMPLETE: no seed has finished at every schedule and rho; means are over all {} seeds, at the rho "
        "where these have finished\n",
        coverage.of_seeds);
  return fmt::format(
      "INCOMPLETE: means are over the {} of {} seeds that have finished at every schedule and rho\n",
      coverage.complete_seeds, coverage.of_seeds);
}

}  // namespace

std::string to_table(const Analysis& analysis) {
  std::string text = fmt::format("{}, mean over {}", analysis.metric, seeds_text(analysis));
  if (!analysis.worst_over.empty()) text += fmt::format(", worst over {}", analysis.worst_over);
  if (analysis.resamples > 0)
    text += fmt::format("; intervals from {} resamplings of the seeds", analysis.resamples);
  text += '\n';
  if (analysis.missing.any())
    text += fmt::format(
        "INCOMPLETE: {} of {} trials are missing ({} pending, {} failed); a rho whose mean would miss one is "
        "left out\n",
        analysis.missing.pending + analysis.missing.failed, analysis.missing.cells, analysis.missing.pending,
        analysis.missing.failed);
  if (!analysis.theory.caveat.empty()) text += analysis.theory.caveat + '\n';
  for (const Group& group : analysis.groups) {
    if (const std::string where = label(group.axes); !where.empty()) text += fmt::format("\n== {}\n", where);
    text += coverage_line(group.coverage);
    text += '\n' + best_table(analysis, group);
    text += '\n' + cost_table(analysis, group);
    text += '\n' + exponent_table(analysis, group);
    if (!group.schedules.front().coarse_grid.empty()) text += '\n' + coarse_table(group);
    if (const std::string advice = advice_lines(group); !advice.empty()) text += '\n' + advice;
  }
  return text;
}

}  // namespace rhosweep::analysis
