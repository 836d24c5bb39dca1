#include "rhosweep/analysis/render.hpp"
#include "rhosweep/core/text.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace rhosweep::analysis {

namespace {

/// The factors that the misspecification table shows: the curve's nearest to them.
constexpr std::array factors{0.25, 0.5, 2.0, 4.0, 16.0, 64.0};
/// The ratio at which a sentence compares schedules: a coarse grid, as far as the sweep can judge it.
constexpr double most_told_ratio = 50.0;
/// Sentences are broken at this width.
constexpr std::size_t most_columns = 80;

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

/// A cost minus 1 as a factor: "1.34", "12.4", "350".
std::string factor(double cost) {
  if (!std::isfinite(cost)) return "-";
  return cost < 9.0 ? fmt::format("{:.2f}", 1.0 + cost) : fmt::format("{:.3g}", 1.0 + cost);
}

/// A grid ratio, to two digits from 10 on; infinite where it lies beyond what the sweep can judge.
std::string grid_ratio(double value) {
  if (std::isinf(value)) return "beyond";
  if (value < 10.0) return fmt::format("{:.3g}", value);
  const double unit = std::pow(10.0, std::floor(std::log10(value)) - 1.0);
  return fmt::format("{:.0f}", std::round(value / unit) * unit);
}

template <class Format>
std::string interval(const Interval& interval, const Format& format) {
  return std::isnan(interval.low) ? "-"
                                  : fmt::format("[{}, {}]", format(interval.low), format(interval.high));
}

/// "14 [12, 16]", "beyond the sweep" or "not judged", whose reason stands elsewhere.
std::string advised_ratio(const Advice& advice) {
  if (advice.reason == beyond_the_sweep) return advice.reason;
  if (std::isnan(advice.ratio)) return "not judged";
  if (std::isnan(advice.ratio_ci.low)) return grid_ratio(advice.ratio);
  return grid_ratio(advice.ratio) + " " + interval(advice.ratio_ci, grid_ratio);
}

/// "10 %", "a factor 2".
std::string tolerance_text(double tolerance) {
  return tolerance < 1.0 ? fmt::format("{:g} %", 100.0 * tolerance)
                         : fmt::format("a factor {:g}", 1.0 + tolerance);
}

std::string best_table(const Analysis& analysis, const Group& group) {
  TextTable table;
  const bool is_incomplete = group.coverage.any_missing();
  const bool lacks_rho = std::any_of(group.schedules.begin(), group.schedules.end(),
                                     [](const auto& found) { return !found.left_out.empty(); });
  const bool has_diverged = std::any_of(group.schedules.begin(), group.schedules.end(),
                                        [](const auto& found) { return found.diverged_share > 0.0; });
  std::vector<std::string> head{"schedule",      "stepsize",      "at rho",
                                analysis.metric, "95 % interval", "sensitivity"};
  if (has_diverged) head.emplace_back("diverged");
  if (is_incomplete) head.emplace_back("trials missing");
  if (lacks_rho) head.emplace_back("rho left out");
  table.add(std::move(head));
  for (const auto& found : group.schedules) {
    std::vector<std::string> row{found.schedule,
                                 number(found.best_stepsize, 4),
                                 number(found.best_rho, 3),
                                 number(found.best, 4),
                                 interval(found.best_ci, [](double x) { return number(x, 3); }),
                                 number(found.lr_sensitivity, 3)};
    if (has_diverged) row.push_back(fmt::format("{:.2g} %", 100.0 * found.diverged_share));
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

/// The factors that some schedule reaches.
std::vector<double> shown_factors(const Group& group) {
  std::vector<double> shown;
  for (const double factor : factors)
    if (std::any_of(group.schedules.begin(), group.schedules.end(),
                    [&](const auto& found) { return point_near(found, factor) != nullptr; }))
      shown.push_back(factor);
  return shown;
}

std::string cost_table(const Group& group) {
  TextTable table;
  const auto shown = shown_factors(group);
  std::vector<std::string> head{"cost at"};
  for (const double factor : shown) head.push_back(fmt::format("x{:.3g}", factor));
  table.add(std::move(head));
  for (const auto& found : group.schedules) {
    std::vector<std::string> row{found.schedule};
    std::vector<std::string> theory{"  theory"};
    for (const double factor : shown) {
      const CurvePoint* point = point_near(found, factor);
      row.push_back(point == nullptr ? "-" : number(point->error_ratio, 3));
      theory.push_back(point == nullptr ? "-" : number(point->theory_ratio, 3));
    }
    table.add(std::move(row));
    if (group.theory.applies) table.add(std::move(theory));
  }
  return table.text();
}

std::string exponent_table(const Group& group) {
  TextTable table;
  std::vector<std::string> head{"growth with rho", "exponent", "95 % interval", "points"};
  if (group.theory.applies) head.insert(head.end(), {"bound's slope", "asymptotic"});
  table.add(std::move(head));
  for (const auto& found : group.schedules) {
    std::vector<std::string> row{found.schedule, fixed(found.exponent, 3),
                                 interval(found.exponent_ci, [](double x) { return fixed(x, 3); }),
                                 std::to_string(found.exponent_points)};
    if (group.theory.applies)
      row.insert(row.end(), {fixed(found.bound_slope, 3), fixed(found.theory_exponent, 3)});
    table.add(std::move(row));
  }
  return table.text();
}

/// "constant 14 [12, 16]".
std::string named_ratio(const ScheduleAnalysis& found, std::size_t t) {
  return found.schedule + " " + advised_ratio(found.advice[t]);
}

/// The names of some schedules: "a, b and c".
std::string names(const std::vector<const ScheduleAnalysis*>& schedules) {
  std::string text;
  for (std::size_t i = 0; i < schedules.size(); ++i)
    text += (i == 0 ? "" : i + 1 == schedules.size() ? " and " : ", ") + schedules[i]->schedule;
  return text;
}

/// What a tolerance allows, in a sentence: the schedule that needs most trials beside the one that needs
/// least.
std::string advice_sentence(const Analysis& analysis, const Group& group, std::size_t t) {
  std::vector<const ScheduleAnalysis*> judged;
  std::vector<const ScheduleAnalysis*> beyond;
  for (const auto& found : group.schedules) {
    if (!std::isnan(found.advice[t].advised)) judged.push_back(&found);
    if (found.advice[t].reason == beyond_the_sweep) beyond.push_back(&found);
  }
  std::string text = fmt::format("To stay within {} of the tuned {} wherever the grid begins, ",
                                 tolerance_text(analysis.tolerances[t]), analysis.metric);
  const auto by_advice = [t](const auto* a, const auto* b) {
    return a->advice[t].advised < b->advice[t].advised;
  };
  if (judged.empty() && beyond.empty()) return {};
  if (judged.empty()) {
    text += "a grid may be coarser than this sweep can judge";
  } else {
    const auto& most = **std::min_element(judged.begin(), judged.end(), by_advice);
    const auto& least = **std::max_element(judged.begin(), judged.end(), by_advice);
    text += fmt::format("{} needs a grid ratio of {}", most.schedule, advised_ratio(most.advice[t]));
    if (&most != &least) {
      text += fmt::format(", {}", named_ratio(least, t));
      const bool is_told_apart = least.advice[t].ratio_ci.low > most.advice[t].ratio_ci.high;
      text += is_told_apart ? fmt::format(": {:.0f} % fewer trials, by the lower ends of the intervals",
                                          100.0 * least.advice[t].saved_share)
                            : ": the intervals overlap, so this sweep does not tell them apart";
    }
  }
  if (!judged.empty() && !beyond.empty()) text += fmt::format("; {}: beyond the sweep", names(beyond));
  return text + ".";
}

/// An end of an interval of a ratio of costs; 0 and infinity stand for resamples beyond the sweep.
std::string ratio_end(double x) {
  return x == 0.0 || std::isinf(x) ? "beyond" : number(x, 2);
}

/// The worst best-of-grid loss beside the compared schedule's, at the coarsest ratio up to most_told_ratio
/// that the sweep can judge for both.
std::string comparison_sentence(const Analysis& analysis, const Group& group) {
  double told = 0.0;
  for (const auto& found : group.schedules)
    for (const GridComparison& comparison : found.comparison)
      if (!std::isnan(comparison.worst) && comparison.ratio <= most_told_ratio)
        told = std::max(told, comparison.ratio);
  std::vector<std::string> parts;
  std::string with;
  for (const auto& found : group.schedules) {
    for (const GridComparison& comparison : found.comparison) {
      if (comparison.ratio != told || std::isnan(comparison.worst)) continue;
      with = found.compared_with;
      parts.push_back(fmt::format("{} {:.2g} {}", found.schedule, comparison.worst,
                                  interval(comparison.worst_ci, ratio_end)));
    }
  }
  if (parts.empty()) return {};
  return fmt::format("At a grid ratio of {:g} the worst best-of-grid {} is, as a multiple of {}'s: {}.", told,
                     analysis.metric, with, fmt::join(parts, ", "));
}

/// Why schedules have no advice, once for each reason.
std::string reasons(const Group& group) {
  std::vector<std::pair<std::string, std::vector<std::string>>> all;
  const auto add = [&](const std::string& line, const std::string& schedule) {
    if (line.empty()) return;
    const auto known =
        std::find_if(all.begin(), all.end(), [&](const auto& each) { return each.first == line; });
    auto& schedules =
        known == all.end() ? all.emplace_back(line, std::vector<std::string>{}).second : known->second;
    if (schedules.empty() || schedules.back() != schedule) schedules.push_back(schedule);
  };
  for (const auto& found : group.schedules) {
    for (const Advice& advice : found.advice) {
      if (!advice.reason.empty() && advice.reason != beyond_the_sweep)
        add("no advice: " + advice.reason, found.schedule);
      add(advice.remark, found.schedule);
    }
  }
  std::string text;
  for (const auto& [line, schedules] : all)
    text += core::wrapped(fmt::format("{}: {}", fmt::join(schedules, ", "), line), most_columns) + '\n';
  return text;
}

/// How coarse a grid may be: the sentences, then the ratios of all schedules.
std::string advice_text(const Analysis& analysis, const Group& group) {
  if (analysis.tolerances.empty() || group.schedules.front().advice.empty()) return {};
  std::string text;
  const auto add = [&](const std::string& sentence) {
    if (!sentence.empty()) text += core::wrapped(sentence, most_columns) + '\n';
  };
  for (std::size_t t = 0; t < analysis.tolerances.size(); ++t) add(advice_sentence(analysis, group, t));
  add(comparison_sentence(analysis, group));
  TextTable table;
  std::vector<std::string> head{"coarsest ratio for"};
  for (const double tolerance : analysis.tolerances) head.push_back(tolerance_text(tolerance));
  table.add(std::move(head));
  for (const auto& found : group.schedules) {
    std::vector<std::string> row{found.schedule};
    std::vector<std::string> theory{"  theory"};
    for (const Advice& advice : found.advice) {
      row.push_back(advised_ratio(advice));
      theory.push_back(std::isnan(advice.theory_ratio) ? "-" : grid_ratio(advice.theory_ratio));
    }
    table.add(std::move(row));
    if (group.theory.applies) table.add(std::move(theory));
  }
  return text + (text.empty() ? "" : "\n") + table.text() + reasons(group);
}

/// Whether there is a cost of a grid to show, measured or theory's.
bool has_grids(const Group& group) {
  return group.theory.applies
             ? !group.schedules.front().grid.empty()
             : std::any_of(group.schedules.begin(), group.schedules.end(), [](const auto& found) {
                 return std::any_of(found.grid.begin(), found.grid.end(),
                                    [](const CoarseGrid& grid) { return grid.judged; });
               });
}

/// Costs of grids by their ratio, with theory's and those of random search below each schedule's.
std::string grid_table(const Group& group, const std::string& title, double CoarseGrid::*measured,
                       double CoarseGrid::*theory, bool with_random) {
  TextTable table;
  std::vector<std::string> head{title};
  for (const CoarseGrid& grid : group.schedules.front().grid) head.push_back(fmt::format("{:g}", grid.ratio));
  table.add(std::move(head));
  for (const auto& found : group.schedules) {
    std::vector<std::string> row{found.schedule};
    std::vector<std::string> bounds{"  theory"};
    std::vector<std::string> random{"  random search"};
    for (std::size_t g = 0; g < found.grid.size(); ++g) {
      const CoarseGrid& grid = found.grid[g];
      row.push_back(grid.judged ? factor(grid.*measured) : grid.reason == beyond_the_sweep ? "beyond" : "-");
      bounds.push_back(factor(grid.*theory));
      random.push_back(factor(found.random[g].mean));
    }
    table.add(std::move(row));
    if (group.theory.applies) table.add(std::move(bounds));
    if (with_random) table.add(std::move(random));
  }
  return table.text();
}

std::string growth_table(const Group& group) {
  TextTable table;
  std::vector<std::string> head{"growth with g", "exponent", "95 % interval"};
  if (group.theory.applies) head.emplace_back("asymptotic");
  table.add(std::move(head));
  for (const auto& found : group.schedules) {
    std::vector<std::string> row{found.schedule, fixed(found.grid_growth, 3),
                                 interval(found.grid_growth_ci, [](double x) { return fixed(x, 3); })};
    if (group.theory.applies) row.push_back(fixed(found.theory_grid_growth, 3));
    table.add(std::move(row));
  }
  return table.text();
}

/// What sweeps without tuning give beside the best of grids: the metric itself.
std::string baseline_table(const Analysis& analysis, const Group& group) {
  TextTable table;
  table.add({"no tuning", "schedule", analysis.metric, "95 % interval", "diverged"});
  for (const Baseline& baseline : group.baselines)
    table.add({baseline.optimizer, baseline.schedule, number(baseline.value, 4),
               interval(baseline.ci, [](double x) { return number(x, 4); }),
               fmt::format("{:.2g} %", 100.0 * baseline.diverged_share)});
  TextTable grids;
  std::vector<std::string> head{analysis.metric + " at grid ratio", "tuned"};
  for (const CoarseGrid& grid : group.schedules.front().grid) head.push_back(fmt::format("{:g}", grid.ratio));
  grids.add(std::move(head));
  for (const auto& found : group.schedules) {
    std::vector<std::string> worst{found.schedule + ", worst", number(found.best, 3)};
    std::vector<std::string> mean{"  mean", ""};
    for (const CoarseGrid& grid : found.grid) {
      worst.push_back(grid.judged ? number(grid.worst_value, 3) : "-");
      mean.push_back(grid.judged ? number(grid.mean_value, 3) : "-");
    }
    grids.add(std::move(worst));
    grids.add(std::move(mean));
  }
  return table.text() + '\n' + grids.text();
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
        "INCOMPLETE: no seed has finished at every schedule and rho; statistics are over all {} seeds, at the rho "
        "where these have finished\n",
        coverage.of_seeds);
  return fmt::format(
      "INCOMPLETE: statistics are over the {} of {} seeds that have finished at every schedule and rho\n",
      coverage.complete_seeds, coverage.of_seeds);
}

}  // namespace

std::string to_table(const Analysis& analysis) {
  std::string text = fmt::format("{}, {} over {}", analysis.metric, analysis.statistic, seeds_text(analysis));
  if (!analysis.select_by.empty()) text += fmt::format(", stepsizes chosen by {}", analysis.select_by);
  if (!analysis.worst_over.empty()) text += fmt::format(", worst over {}", analysis.worst_over);
  if (analysis.resamples > 0)
    text += fmt::format("; intervals from {} resamplings of the seeds", analysis.resamples);
  text = core::wrapped(text, most_columns) + '\n';
  if (analysis.missing.any())
    text += fmt::format(
        "INCOMPLETE: {} of {} trials are missing ({} pending, {} failed); a rho that lacks one is left out\n",
        analysis.missing.pending + analysis.missing.failed, analysis.missing.cells, analysis.missing.pending,
        analysis.missing.failed);
  if (const std::string caveat = analysis.theory().caveat; !caveat.empty())
    text += core::wrapped(caveat, most_columns) + '\n';
  for (const Group& group : analysis.groups) {
    if (const std::string where = label(group.axes); !where.empty()) text += fmt::format("\n== {}\n", where);
    text += coverage_line(group.coverage);
    if (const std::string advice = advice_text(analysis, group); !advice.empty()) text += '\n' + advice;
    text += '\n' + best_table(analysis, group);
    if (has_grids(group)) {
      text += '\n' + grid_table(group, "worst cost at grid ratio", &CoarseGrid::worst,
                                &CoarseGrid::theory_worst, false);
      text += '\n' +
              grid_table(group, "mean cost at grid ratio", &CoarseGrid::mean, &CoarseGrid::theory_mean, true);
      text += '\n' + growth_table(group);
    }
    if (!group.baselines.empty()) text += '\n' + baseline_table(analysis, group);
    text += '\n' + cost_table(group);
    text += '\n' + exponent_table(group);
  }
  return text;
}

}  // namespace rhosweep::analysis
