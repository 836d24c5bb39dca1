#include "rhosweep/analysis/render.hpp"
#include "rhosweep/core/text.hpp"

#include <map>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace rhosweep::analysis {

namespace {

using CsvRow = std::map<std::string, std::string>;  // values of a row by column

const std::vector<std::string> column_names{"schedule",
                                            "record",
                                            "best_rho",
                                            "best_stepsize",
                                            "best",
                                            "best_low",
                                            "best_high",
                                            "best_rho_low",
                                            "best_rho_high",
                                            "best_stepsize_low",
                                            "best_stepsize_high",
                                            "naive_best",
                                            "naive_best_low",
                                            "naive_best_high",
                                            "naive_best_rho",
                                            "naive_best_stepsize",
                                            "residual",
                                            "exponent",
                                            "exponent_low",
                                            "exponent_high",
                                            "exponent_points",
                                            "exponent_range_low",
                                            "exponent_range_high",
                                            "bound_slope",
                                            "theory_exponent",
                                            "grid_growth",
                                            "grid_growth_low",
                                            "grid_growth_high",
                                            "grid_growth_range_low",
                                            "grid_growth_range_high",
                                            "grid_growth_reason",
                                            "theory_grid_growth",
                                            "lr_sensitivity",
                                            "diverged_share",
                                            "rho",
                                            "ratio_to_best",
                                            "value",
                                            "value_low",
                                            "value_high",
                                            "error_ratio",
                                            "error_ratio_low",
                                            "error_ratio_high",
                                            "theory_ratio",
                                            "bound",
                                            "worst_at",
                                            "diverged",
                                            "factor",
                                            "grid_ratio",
                                            "judged",
                                            "worst",
                                            "worst_low",
                                            "worst_high",
                                            "mean",
                                            "mean_low",
                                            "mean_high",
                                            "quantile_0",
                                            "quantile_25",
                                            "quantile_50",
                                            "quantile_75",
                                            "quantile_100",
                                            "worst_value",
                                            "mean_value",
                                            "theory_worst",
                                            "theory_mean",
                                            "random_trials",
                                            "random_mean",
                                            "random_mean_value",
                                            "random_all_diverge",
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
                                            "cells",
                                            "seeds",
                                            "of_seeds",
                                            "pending",
                                            "failed",
                                            "not_needed",
                                            "stopped"};

void add_interval(CsvRow& row, const std::string& name, const Interval& interval) {
  row[name + "_low"] = core::csv_number(interval.low);
  row[name + "_high"] = core::csv_number(interval.high);
}

/// Returns the value of an axis at a point as text; for an axis of paired keys, the values of all keys.
std::string axis_text(const std::vector<AxisValue>& values) {
  std::string text;
  for (const AxisValue& each : values) text += (text.empty() ? "" : ", ") + model::text_of(each.second);
  return text;
}

CsvRow summary_row(const ScheduleAnalysis& found) {
  CsvRow row{{"record", "summary"},
             {"best_rho", core::csv_number(found.best_rho)},
             {"best_stepsize", core::csv_number(found.best_stepsize)},
             {"best", core::csv_number(found.best)},
             {"naive_best", core::csv_number(found.naive_best)},
             {"naive_best_rho", core::csv_number(found.naive_best_rho)},
             {"naive_best_stepsize", core::csv_number(found.naive_best_stepsize)},
             {"residual", core::csv_number(found.residual)},
             {"exponent", core::csv_number(found.exponent)},
             {"exponent_points", std::to_string(found.exponent_points)},
             {"bound_slope", core::csv_number(found.bound_slope)},
             {"theory_exponent", core::csv_number(found.theory_exponent)},
             {"grid_growth", core::csv_number(found.grid_growth)},
             {"grid_growth_reason", found.grid_growth_reason},
             {"theory_grid_growth", core::csv_number(found.theory_grid_growth)},
             {"lr_sensitivity", core::csv_number(found.lr_sensitivity)},
             {"diverged_share", core::csv_number(found.diverged_share)},
             {"reason", found.best_reason}};
  add_interval(row, "best_rho", found.best_rho_ci);
  add_interval(row, "best_stepsize", found.best_stepsize_ci);
  add_interval(row, "best", found.best_ci);
  add_interval(row, "naive_best", found.naive_best_ci);
  add_interval(row, "exponent", found.exponent_ci);
  add_interval(row, "exponent_range", found.exponent_range);
  add_interval(row, "grid_growth", found.grid_growth_ci);
  add_interval(row, "grid_growth_range", found.grid_growth_range);
  return row;
}

CsvRow curve_row(const CurvePoint& point, const std::vector<std::vector<AxisValue>>& members) {
  CsvRow row{{"record", "curve"},
             {"rho", core::csv_number(point.rho)},
             {"ratio_to_best", core::csv_number(point.ratio_to_best)},
             {"value", core::csv_number(point.value)},
             {"error_ratio", core::csv_number(point.error_ratio)},
             {"theory_ratio", core::csv_number(point.theory_ratio)},
             {"bound", core::csv_number(point.bound)},
             {"diverged", std::to_string(point.diverged)}};
  if (point.worst_at) row["worst_at"] = axis_text(members.at(*point.worst_at));
  add_interval(row, "value", point.ci);
  return row;
}

CsvRow cost_row(const FactorCost& cost) {
  CsvRow row{{"record", "cost_at"},
             {"factor", core::csv_number(cost.factor)},
             {"error_ratio", core::csv_number(cost.error_ratio)},
             {"theory_ratio", core::csv_number(cost.theory_ratio)}};
  add_interval(row, "error_ratio", cost.error_ratio_ci);
  return row;
}

CsvRow left_out_row(const LeftOut& point) {
  return {{"record", "left_out"}, {"rho", core::csv_number(point.rho)}};
}

CsvRow grid_row(const CoarseGrid& grid) {
  CsvRow row{{"record", "grid"},
             {"grid_ratio", core::csv_number(grid.ratio)},
             {"judged", grid.judged ? "true" : "false"},
             {"worst", core::csv_number(grid.worst)},
             {"mean", core::csv_number(grid.mean)},
             {"worst_value", core::csv_number(grid.worst_value)},
             {"mean_value", core::csv_number(grid.mean_value)},
             {"theory_worst", core::csv_number(grid.theory_worst)},
             {"theory_mean", core::csv_number(grid.theory_mean)},
             {"reason", grid.reason}};
  add_interval(row, "worst", grid.worst_ci);
  add_interval(row, "mean", grid.mean_ci);
  for (std::size_t q = 0; q < grid.quantiles.size(); ++q)
    row[fmt::format("quantile_{}", 100 * q / (grid.quantiles.size() - 1))] =
        core::csv_number(grid.quantiles[q]);
  return row;
}

CsvRow random_row(const RandomSearchCost& random) {
  return {{"record", "random"},
          {"grid_ratio", core::csv_number(random.ratio)},
          {"random_trials", core::csv_number(random.trials)},
          {"random_mean", core::csv_number(random.mean)},
          {"random_mean_value", core::csv_number(random.mean_value)},
          {"random_all_diverge", core::csv_number(random.all_diverge)}};
}

CsvRow comparison_row(const ScheduleAnalysis& found, const GridComparison& comparison) {
  CsvRow row{{"record", "comparison"},
             {"grid_ratio", core::csv_number(comparison.ratio)},
             {"compared_with", found.compared_with},
             {"worst_over_other", core::csv_number(comparison.worst)}};
  add_interval(row, "worst_over_other", comparison.worst_ci);
  return row;
}

CsvRow advice_row(const Advice& advice) {
  CsvRow row{{"record", "advice"},
             {"tolerance", core::csv_number(advice.tolerance)},
             {"advised", core::csv_number(advice.advised)},
             {"ratio", core::csv_number(advice.ratio)},
             {"mean_ratio", core::csv_number(advice.mean_ratio)},
             {"theory_ratio", core::csv_number(advice.theory_ratio)},
             {"points_per_decade", core::csv_number(advice.points_per_decade)},
             {"saved_share", core::csv_number(advice.saved_share)},
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
             {"best_stepsize", core::csv_number(baseline.stepsize)},
             {"value", core::csv_number(baseline.value)},
             {"diverged_share", core::csv_number(baseline.diverged_share)}};
  add_interval(row, "value", baseline.ci);
  return row;
}

/// Returns a row as a line of CSV; a column that the row lacks is empty.
std::string line(const std::vector<std::string>& names, CsvRow row) {
  std::vector<std::string> fields;
  fields.reserve(names.size());
  for (const std::string& name : names) fields.push_back(std::move(row[name]));
  return core::csv_line(fields);
}

}  // namespace

std::string to_csv(const Analysis& analysis) {
  std::vector<std::string> names;
  if (!analysis.groups.empty())
    for (const auto& [key, value] : analysis.groups.front().axes) names.push_back(key);
  names.insert(names.end(), column_names.begin(), column_names.end());
  std::string text = core::csv_line(names);
  for (const Group& group : analysis.groups) {
    const auto add = [&](CsvRow row) {
      for (const auto& axis : group.axes) row[axis.first] = model::text_of(axis.second);
      text += line(names, std::move(row));
    };
    for (const ScheduleAnalysis& found : group.schedules) {
      const auto add_own = [&](CsvRow row) {
        row["schedule"] = found.schedule;
        add(std::move(row));
      };
      const auto add_with = [&](const Missing& missing, CsvRow row) {
        row["cells"] = std::to_string(missing.cells);
        row["seeds"] = std::to_string(group.coverage.seeds_used());
        row["of_seeds"] = std::to_string(group.coverage.of_seeds);
        row["pending"] = std::to_string(missing.pending);
        row["failed"] = std::to_string(missing.failed);
        row["not_needed"] = std::to_string(missing.not_needed);
        row["stopped"] = std::to_string(missing.stopped);
        add_own(std::move(row));
      };
      add_with(found.missing, summary_row(found));
      for (const CurvePoint& point : found.curve) add_with(point.missing, curve_row(point, group.members));
      for (const LeftOut& point : found.left_out) add_with(point.missing, left_out_row(point));
      for (const CoarseGrid& grid : found.grid) add_own(grid_row(grid));
      for (const RandomSearchCost& random : found.random) add_own(random_row(random));
      for (const GridComparison& comparison : found.comparison) add_own(comparison_row(found, comparison));
      for (const Advice& advice : found.advice) add_own(advice_row(advice));
      for (const FactorCost& cost : found.costs) add_own(cost_row(cost));
    }
    for (const Baseline& baseline : group.baselines) add(baseline_row(baseline));
  }
  return text;
}

}  // namespace rhosweep::analysis
