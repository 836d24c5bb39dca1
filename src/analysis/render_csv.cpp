#include "rhosweep/analysis/render.hpp"
#include "rhosweep/core/text.hpp"

#include <cmath>
#include <functional>
#include <map>

#include <fmt/format.h>

namespace rhosweep::analysis {

namespace {

using CsvRow = std::map<std::string, std::string>;  // by column

const std::vector<std::string> column_names{"schedule",
                                            "record",
                                            "best_rho",
                                            "best_stepsize",
                                            "best",
                                            "best_low",
                                            "best_high",
                                            "naive_best",
                                            "residual",
                                            "exponent",
                                            "exponent_low",
                                            "exponent_high",
                                            "bound_slope",
                                            "theory_exponent",
                                            "grid_growth",
                                            "grid_growth_low",
                                            "grid_growth_high",
                                            "theory_grid_growth",
                                            "lr_sensitivity",
                                            "diverged_share",
                                            "rho",
                                            "ratio_to_best",
                                            "value",
                                            "value_low",
                                            "value_high",
                                            "error_ratio",
                                            "theory_ratio",
                                            "bound",
                                            "worst_at",
                                            "diverged",
                                            "grid_ratio",
                                            "judged",
                                            "worst",
                                            "worst_low",
                                            "worst_high",
                                            "mean",
                                            "mean_low",
                                            "mean_high",
                                            "worst_value",
                                            "mean_value",
                                            "theory_worst",
                                            "theory_mean",
                                            "random_trials",
                                            "random_mean",
                                            "random_mean_value",
                                            "compared_with",
                                            "worst_over_other",
                                            "worst_over_other_low",
                                            "worst_over_other_high",
                                            "tolerance",
                                            "advised",
                                            "ratio",
                                            "ratio_low",
                                            "ratio_high",
                                            "mean_ratio",
                                            "mean_ratio_low",
                                            "mean_ratio_high",
                                            "points_per_decade",
                                            "saved_share",
                                            "reason",
                                            "remark",
                                            "file",
                                            "optimizer",
                                            "seeds",
                                            "of_seeds",
                                            "pending",
                                            "failed"};

std::string number(double value) {
  return std::isnan(value) ? "" : fmt::format("{}", value);
}

void add_interval(CsvRow& row, const std::string& name, const Interval& interval) {
  row[name + "_low"] = number(interval.low);
  row[name + "_high"] = number(interval.high);
}

std::string axis_text(const AxisValue& axis) {
  return std::visit([](auto value) { return fmt::format("{}", value); }, axis.second);
}

CsvRow summary_row(const ScheduleAnalysis& found) {
  CsvRow row{{"record", "summary"},
             {"best_rho", number(found.best_rho)},
             {"best_stepsize", number(found.best_stepsize)},
             {"best", number(found.best)},
             {"naive_best", number(found.naive_best)},
             {"residual", number(found.residual)},
             {"exponent", number(found.exponent)},
             {"bound_slope", number(found.bound_slope)},
             {"theory_exponent", number(found.theory_exponent)},
             {"grid_growth", number(found.grid_growth)},
             {"theory_grid_growth", number(found.theory_grid_growth)},
             {"lr_sensitivity", number(found.lr_sensitivity)},
             {"diverged_share", number(found.diverged_share)},
             {"reason", found.best_reason}};
  add_interval(row, "best", found.best_ci);
  add_interval(row, "exponent", found.exponent_ci);
  add_interval(row, "grid_growth", found.grid_growth_ci);
  return row;
}

CsvRow curve_row(const CurvePoint& point, const std::vector<AxisValue>& members) {
  CsvRow row{{"record", "curve"},
             {"rho", number(point.rho)},
             {"ratio_to_best", number(point.ratio_to_best)},
             {"value", number(point.value)},
             {"error_ratio", number(point.error_ratio)},
             {"theory_ratio", number(point.theory_ratio)},
             {"bound", number(point.bound)},
             {"diverged", std::to_string(point.diverged)}};
  if (point.worst_at) row["worst_at"] = axis_text(members.at(*point.worst_at));
  add_interval(row, "value", point.ci);
  return row;
}

CsvRow left_out_row(const LeftOut& point) {
  return {{"record", "left_out"}, {"rho", number(point.rho)}};
}

CsvRow grid_row(const CoarseGrid& grid) {
  CsvRow row{{"record", "grid"},
             {"grid_ratio", number(grid.ratio)},
             {"judged", grid.judged ? "true" : "false"},
             {"worst", number(grid.worst)},
             {"mean", number(grid.mean)},
             {"worst_value", number(grid.worst_value)},
             {"mean_value", number(grid.mean_value)},
             {"theory_worst", number(grid.theory_worst)},
             {"theory_mean", number(grid.theory_mean)},
             {"reason", grid.reason}};
  add_interval(row, "worst", grid.worst_ci);
  add_interval(row, "mean", grid.mean_ci);
  return row;
}

CsvRow random_row(const RandomSearchCost& random) {
  return {{"record", "random"},
          {"grid_ratio", number(random.ratio)},
          {"random_trials", number(random.trials)},
          {"random_mean", number(random.mean)},
          {"random_mean_value", number(random.mean_value)}};
}

CsvRow comparison_row(const ScheduleAnalysis& found, const GridComparison& comparison) {
  CsvRow row{{"record", "comparison"},
             {"grid_ratio", number(comparison.ratio)},
             {"compared_with", found.compared_with},
             {"worst_over_other", number(comparison.worst)}};
  add_interval(row, "worst_over_other", comparison.worst_ci);
  return row;
}

CsvRow advice_row(const Advice& advice) {
  CsvRow row{{"record", "advice"},
             {"tolerance", number(advice.tolerance)},
             {"advised", number(advice.advised)},
             {"ratio", number(advice.ratio)},
             {"mean_ratio", number(advice.mean_ratio)},
             {"theory_ratio", number(advice.theory_ratio)},
             {"points_per_decade", number(advice.points_per_decade)},
             {"saved_share", number(advice.saved_share)},
             {"reason", advice.reason},
             {"remark", advice.remark}};
  add_interval(row, "ratio", advice.ratio_ci);
  add_interval(row, "mean_ratio", advice.mean_ratio_ci);
  return row;
}

CsvRow baseline_row(const Baseline& baseline) {
  CsvRow row{{"record", "baseline"},
             {"schedule", baseline.schedule},
             {"file", baseline.file},
             {"optimizer", baseline.optimizer},
             {"best_stepsize", number(baseline.stepsize)},
             {"value", number(baseline.value)},
             {"diverged_share", number(baseline.diverged_share)}};
  add_interval(row, "value", baseline.ci);
  return row;
}

/// The fields of one line; a column that the row lacks is empty.
std::string line(const std::vector<std::string>& names,
                 const std::function<std::string(const std::string&)>& field) {
  std::vector<std::string> fields;
  fields.reserve(names.size());
  for (const std::string& name : names) fields.push_back(core::csv_field(field(name)));
  return fmt::format("{}\r\n", fmt::join(fields, ","));
}

}  // namespace

std::string to_csv(const Analysis& analysis) {
  std::vector<std::string> names;
  if (!analysis.groups.empty())
    for (const auto& [key, value] : analysis.groups.front().axes) names.push_back(key);
  names.insert(names.end(), column_names.begin(), column_names.end());
  std::string text = line(names, [](const std::string& name) { return name; });
  for (const Group& group : analysis.groups) {
    const auto add = [&](CsvRow row) {
      for (const auto& axis : group.axes) row[axis.first] = axis_text(axis);
      text += line(names, [&](const std::string& name) { return row[name]; });
    };
    for (const ScheduleAnalysis& found : group.schedules) {
      const auto add_own = [&](CsvRow row) {
        row["schedule"] = found.schedule;
        add(std::move(row));
      };
      const auto add_with = [&](const Missing& missing, CsvRow row) {
        row["seeds"] = std::to_string(group.coverage.seeds_used());
        row["of_seeds"] = std::to_string(group.coverage.of_seeds);
        row["pending"] = std::to_string(missing.pending);
        row["failed"] = std::to_string(missing.failed);
        add_own(std::move(row));
      };
      add_with(found.missing, summary_row(found));
      for (const CurvePoint& point : found.curve) add_with(point.missing, curve_row(point, group.members));
      for (const LeftOut& point : found.left_out) add_with(point.missing, left_out_row(point));
      for (const CoarseGrid& grid : found.grid) add_own(grid_row(grid));
      for (const RandomSearchCost& random : found.random) add_own(random_row(random));
      for (const GridComparison& comparison : found.comparison) add_own(comparison_row(found, comparison));
      for (const Advice& advice : found.advice) add_own(advice_row(advice));
    }
    for (const Baseline& baseline : group.baselines) add(baseline_row(baseline));
  }
  return text;
}

}  // namespace rhosweep::analysis
