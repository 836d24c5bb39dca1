#include "advice_text.hpp"
#include "number_text.hpp"
#include "reason_lines.hpp"

#include "rhosweep/analysis/render.hpp"
#include "rhosweep/core/text.hpp"
#include "rhosweep/core/text_table.hpp"
#include "rhosweep/model/schedule.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace rhosweep::analysis {

namespace {

std::string best_table(const Analysis& analysis, const Group& group) {
  core::TextTable table;
  const bool is_incomplete = group.coverage.any_missing();
  const bool lacks_rho = std::any_of(group.schedules.begin(), group.schedules.end(),
                                     [](const auto& found) { return !found.left_out.empty(); });
  const bool has_diverged = std::any_of(group.schedules.begin(), group.schedules.end(),
                                        [](const auto& found) { return found.diverged_share > 0.0; });
  const bool has_interval =
      std::any_of(group.schedules.begin(), group.schedules.end(),
                  [](const auto& found) { return !std::isnan(found.best_stepsize_ci.low); });
  const auto interval = [](const Interval& ends) {
    return interval_text(ends, [](double x) { return number_text(x, 3); });
  };
  std::vector<std::string> head = best_head(analysis.metric);
  head.insert(head.end(), {"95 % interval", "lr sens."});
  if (has_interval) head.emplace_back("stepsize's interval");
  if (has_diverged) head.emplace_back("diverged");
  if (is_incomplete) head.emplace_back("trials missing");
  if (lacks_rho) head.emplace_back("rho left out");
  table.add(std::move(head));
  for (const auto& found : group.schedules) {
    std::vector<std::string> row = best_row(found);
    row.push_back(interval(found.best_ci));
    row.push_back(number_text(found.lr_sensitivity, 3));
    if (has_interval) row.push_back(interval(found.best_stepsize_ci));
    if (has_diverged) row.push_back(core::percent_text(found.diverged_share));
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

/// Returns the table of costs at the factors that at least one schedule reaches, after an empty line. Empty
/// if there is no such factor.
std::string cost_table(const Group& group) {
  core::TextTable table;
  std::vector<std::size_t> shown;
  for (std::size_t k = 0; k < cost_factors.size(); ++k)
    if (std::any_of(group.schedules.begin(), group.schedules.end(),
                    [k](const auto& found) { return !std::isnan(found.costs[k].error_ratio); }))
      shown.push_back(k);
  if (shown.empty()) return {};
  std::vector<std::string> head{"cost at"};
  for (const std::size_t k : shown) head.push_back(fmt::format("x{:.3g}", cost_factors[k]));
  table.add(std::move(head));
  for (const auto& found : group.schedules) {
    std::vector<std::string> row{found.schedule};
    std::vector<std::string> theory{"  theory"};
    for (const std::size_t k : shown) {
      row.push_back(number_text(found.costs[k].error_ratio, 3));
      theory.push_back(number_text(found.costs[k].theory_ratio, 3));
    }
    table.add(std::move(row));
    if (group.theory.applies) table.add(std::move(theory));
  }
  return '\n' + table.text();
}

/// Whether the fit of the exponent ends more than a factor of 1.6 before an end of the window.
bool ends_inside(const ScheduleAnalysis& found, const Window& window) {
  constexpr double clearly = 1.6;
  const auto& [low, high] = found.exponent_range;
  return low > std::max(window.low, 1.0) * clearly || high * clearly < window.high;
}

std::string exponent_table(const Analysis& analysis, const Group& group) {
  core::TextTable table;
  const bool has_range = std::any_of(group.schedules.begin(), group.schedules.end(),
                                     [&](const auto& found) { return ends_inside(found, analysis.window); });
  std::vector<std::string> head{"growth with rho", "exponent", "95 % interval", "points"};
  if (group.theory.applies) head.insert(head.end(), {"bound's slope", "asymptotic"});
  if (has_range) head.emplace_back("measured at");
  table.add(std::move(head));
  for (const auto& found : group.schedules) {
    std::vector<std::string> row{found.schedule, fixed_text(found.exponent, 3),
                                 interval_text(found.exponent_ci, [](double x) { return fixed_text(x, 3); }),
                                 std::to_string(found.exponent_points)};
    if (group.theory.applies)
      row.insert(row.end(), {fixed_text(found.bound_slope, 3), fixed_text(found.theory_exponent, 3)});
    if (has_range)
      row.push_back(found.exponent_points == 0
                        ? "-"
                        : fmt::format("x{} to x{}", number_text(found.exponent_range.low, 3),
                                      number_text(found.exponent_range.high, 3)));
    table.add(std::move(row));
  }
  return table.text();
}

/// Whether there are grid costs to show, measured or theoretical.
bool has_grids(const Group& group) {
  return group.theory.applies
             ? !group.schedules.front().grid.empty()
             : std::any_of(group.schedules.begin(), group.schedules.end(), [](const auto& found) {
                 return std::any_of(found.grid.begin(), found.grid.end(),
                                    [](const CoarseGrid& grid) { return grid.judged; });
               });
}

/// Returns the table of grid costs by ratio. Below each schedule are the costs by theory and of random
/// search.
std::string grid_table(const Group& group, const std::string& title, double CoarseGrid::*measured,
                       double CoarseGrid::*theory, bool with_random) {
  core::TextTable table;
  std::vector<std::string> head{title};
  for (const CoarseGrid& grid : group.schedules.front().grid) head.push_back(fmt::format("{:g}", grid.ratio));
  table.add(std::move(head));
  for (const auto& found : group.schedules) {
    std::vector<std::string> row{found.schedule};
    std::vector<std::string> bounds{"  theory"};
    std::vector<std::string> random{"  random search"};
    for (std::size_t g = 0; g < found.grid.size(); ++g) {
      const CoarseGrid& grid = found.grid[g];
      row.push_back(grid.judged                       ? factor_text(grid.*measured)
                    : grid.reason == beyond_the_sweep ? "beyond"
                                                      : "-");
      bounds.push_back(factor_text(grid.*theory));
      random.push_back(factor_text(found.random[g].mean));
    }
    table.add(std::move(row));
    if (group.theory.applies) table.add(std::move(bounds));
    if (with_random) table.add(std::move(random));
  }
  return table.text();
}

/// Returns a range as "5 to 50"; "-" if the range is unknown.
std::string range_text(const Interval& ratios) {
  if (std::isnan(ratios.low)) return "-";
  return ratios.low == ratios.high ? fmt::format("{:g}", ratios.low)
                                   : fmt::format("{:g} to {:g}", ratios.low, ratios.high);
}

/// Returns lines that say why grid costs are missing that do not lie beyond the sweep.
std::string grid_reasons(const Group& group) {
  ReasonLines lines("no cost");
  for (const auto& found : group.schedules)
    for (const CoarseGrid& grid : found.grid)
      if (!grid.judged && grid.reason != beyond_the_sweep)
        lines.add(found.schedule, grid.reason, fmt::format("{:g}", grid.ratio), found.grid.size());
  return lines.text();
}

std::string growth_table(const Group& group) {
  core::TextTable table;
  std::vector<std::string> head{"growth with g", "exponent", "95 % interval", "at ratios"};
  if (group.theory.applies) head.emplace_back("asymptotic");
  table.add(std::move(head));
  for (const auto& found : group.schedules) {
    std::vector<std::string> row{
        found.schedule, fixed_text(found.grid_growth, 3),
        interval_text(found.grid_growth_ci, [](double x) { return fixed_text(x, 3); }),
        range_text(found.grid_growth_range)};
    if (group.theory.applies) row.push_back(fixed_text(found.theory_grid_growth, 3));
    table.add(std::move(row));
  }
  ReasonLines lines("");
  for (const auto& found : group.schedules) lines.add(found.schedule, found.grid_growth_reason, "", 1);
  return table.text() + lines.text();
}

/// Returns two tables of the metric, to be compared: that of the baselines, which are sweeps without tuning,
/// and that at the best stepsize of grids.
std::string baseline_table(const Analysis& analysis, const Group& group) {
  core::TextTable table;
  table.add({"no tuning", "schedule", analysis.metric, "95 % interval", "diverged"});
  for (const Baseline& baseline : group.baselines)
    table.add({baseline.optimizer, baseline.schedule, number_text(baseline.value, 4),
               interval_text(baseline.ci, [](double x) { return number_text(x, 4); }),
               core::percent_text(baseline.diverged_share)});
  core::TextTable grids;
  std::vector<std::string> head{analysis.metric + " at grid ratio", "tuned"};
  for (const CoarseGrid& grid : group.schedules.front().grid) head.push_back(fmt::format("{:g}", grid.ratio));
  grids.add(std::move(head));
  for (const auto& found : group.schedules) {
    std::vector<std::string> worst{found.schedule + ", worst", number_text(found.best, 3)};
    std::vector<std::string> mean{"  mean", ""};
    for (const CoarseGrid& grid : found.grid) {
      worst.push_back(grid.judged ? number_text(grid.worst_value, 3) : "-");
      mean.push_back(grid.judged ? number_text(grid.mean_value, 3) : "-");
    }
    grids.add(std::move(worst));
    grids.add(std::move(mean));
  }
  return table.text() + '\n' + grids.text();
}

/// Returns "12 seeds"; if only some are used, "3 of 12 seeds" or, if the number differs between groups, "3 to
/// 7 of 12 seeds".
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

/// Returns a line that says over which seeds the statistics of a group are; empty if no trial is missing.
std::string coverage_line(const Coverage& coverage) {
  if (!coverage.any_missing()) return {};
  if (coverage.complete_seeds == 0)
    return fmt::format(
        "INCOMPLETE: no seed has finished at every schedule and rho; statistics are over all {}, at the rho "
        "where these have finished",
        core::counted(coverage.of_seeds, "seed"));
  return fmt::format(
      "INCOMPLETE: statistics are over the {} of {} seeds that have finished at every schedule and rho",
      coverage.complete_seeds, coverage.of_seeds);
}

std::string missing_line(const Missing& missing) {
  if (!missing.any()) return {};
  return fmt::format("INCOMPLETE: {} missing ({} pending, {} failed); a rho that lacks one is left out",
                     core::part_of(missing.pending + missing.failed, missing.cells, "trial") +
                         (missing.cells == 1 ? " is" : " are"),
                     missing.pending, missing.failed);
}

/// Returns a line with the savings of a search and the seeds of its statistics; empty if the search saved
/// nothing.
std::string search_line(const Missing& missing) {
  if (missing.not_needed == 0) return {};
  return fmt::format(
      "SEARCH: {}. Statistics of a schedule are at the rho with the most seeds, over these seeds. A search does "
      "not say how coarse a grid may be, or what a wrong stepsize costs.",
      search_text(missing.cells - missing.not_needed, missing.cells));
}

/// Returns a line that says how many trials were stopped early, and what that means for the numbers. It is
/// empty if none was.
std::string stopped_line(const Analysis& analysis) {
  if (analysis.missing.stopped == 0) return {};
  return fmt::format(
      "STOPPED EARLY: {}, by {} far from the best of their seed. A rho that has one is left out: its result is "
      "unknown, and its {} taken as worse than the best. Such a sweep does not say how coarse a grid may be.",
      core::part_of(analysis.missing.stopped, analysis.missing.cells, "trial"), analysis.stopped_by,
      analysis.stopped_by);
}

/// Returns a line that names the error to which costs and tolerances refer. It is empty for excess_loss,
/// which needs no explanation.
std::string error_line(const Analysis& analysis) {
  std::vector<std::string> names;
  for (const Group& group : analysis.groups)
    if (std::find(names.begin(), names.end(), group.error_name) == names.end())
      names.push_back(group.error_name);
  if (names.empty() || names.front() == model::metrics::excess_loss.name) return {};
  if (names.size() > 1)
    return fmt::format("Costs and tolerances are of {} where f_star is known, else of {}.",
                       fmt::format("{} - f_star", analysis.metric), analysis.metric);
  return names.front() == analysis.metric
             ? fmt::format("Costs and tolerances are of the whole {}: no minimum is subtracted.",
                           analysis.metric)
             : fmt::format("Costs and tolerances are of {}.", names.front());
}

std::string title(const Analysis& analysis) {
  const auto statistic = parse_statistic(analysis.statistic);
  std::string text = fmt::format("{}, {} over {}", analysis.metric,
                                 statistic ? noun_of(*statistic) : analysis.statistic, seeds_text(analysis));
  if (!analysis.select_by.empty()) text += fmt::format(", stepsizes chosen by {}", analysis.select_by);
  if (!analysis.worst_over.empty()) text += fmt::format(", worst over {}", analysis.worst_over);
  if (analysis.resamples > 0 && analysis.seeds >= fewest_seeds)
    text += fmt::format("; intervals from {} resamplings of the seeds", analysis.resamples);
  return text;
}

std::string group_heading(const Group& group) {
  const std::string where = label(group.axes);
  return where.empty() ? where : fmt::format("\n== {}", where);
}

/// Returns the analysis with short names in place of the schedules' specs.
Analysis with_short_names(Analysis analysis) {
  for (Group& group : analysis.groups) {
    for (ScheduleAnalysis& found : group.schedules) found.schedule = model::schedule_name(found.schedule);
    for (Baseline& baseline : group.baselines) baseline.schedule = model::schedule_name(baseline.schedule);
  }
  return analysis;
}

}  // namespace

std::vector<std::string> best_head(const std::string& metric) {
  return {"schedule", "stepsize", "at rho", metric};
}

std::vector<std::string> best_row(const ScheduleAnalysis& found) {
  return {model::schedule_name(found.schedule), number_text(found.best_stepsize, 4),
          number_text(found.best_rho, 3), number_text(found.best, 4)};
}

std::string search_text(std::int64_t cells, std::int64_t of_cells) {
  const double saved = 1.0 - static_cast<double>(cells) / static_cast<double>(of_cells);
  return fmt::format("found with {}: {} saved", core::part_of(cells, of_cells, "cell"),
                     core::percent_text(saved));
}

std::string to_table(const Analysis& of_file) {
  const Analysis analysis = with_short_names(of_file);
  std::string text;
  const auto add_line = [&text](const std::string& line) {
    if (!line.empty()) text += core::wrapped(line) + '\n';
  };
  add_line(title(analysis));
  add_line(error_line(analysis));
  if (analysis.excluded_points > 0)
    add_line(fmt::format("The sweep leaves out {} of {} axes points.", analysis.excluded_points,
                         analysis.axes_points));
  add_line(missing_line(analysis.missing));
  add_line(search_line(analysis.missing));
  add_line(stopped_line(analysis));
  add_line(analysis.theory().caveat);
  for (const Group& group : analysis.groups) {
    add_line(group_heading(group));
    add_line(coverage_line(group.coverage));
    if (const std::string advice = advice_text(analysis, group); !advice.empty()) text += '\n' + advice;
    text += '\n' + best_table(analysis, group);
    if (has_grids(group)) {
      text += '\n' +
              grid_table(group, "worst cost at ratio", &CoarseGrid::worst, &CoarseGrid::theory_worst, false) +
              grid_reasons(group);
      text +=
          '\n' + grid_table(group, "mean cost at ratio", &CoarseGrid::mean, &CoarseGrid::theory_mean, true);
      text += '\n' + growth_table(group);
    }
    if (!group.baselines.empty()) text += '\n' + baseline_table(analysis, group);
    text += cost_table(group);
    text += '\n' + exponent_table(analysis, group);
  }
  return text;
}

}  // namespace rhosweep::analysis
