#include "rhosweep/analysis/render.hpp"

#include <cmath>
#include <functional>
#include <map>

#include <fmt/format.h>

namespace rhosweep::analysis {

namespace {

using Row = std::map<std::string, std::string>;  // by column

const std::vector<std::string> columns{"schedule",
                                       "record",
                                       "best_rho",
                                       "best_stepsize",
                                       "best",
                                       "best_low",
                                       "best_high",
                                       "exponent",
                                       "exponent_low",
                                       "exponent_high",
                                       "theory_exponent",
                                       "theory_slope",
                                       "lr_sensitivity",
                                       "tolerance",
                                       "advised_ratio",
                                       "saved_share",
                                       "rho",
                                       "ratio_to_best",
                                       "mean",
                                       "mean_low",
                                       "mean_high",
                                       "error_ratio",
                                       "theory_ratio",
                                       "diverged",
                                       "grid_ratio",
                                       "mean_regret",
                                       "mean_regret_low",
                                       "mean_regret_high",
                                       "worst_regret",
                                       "worst_regret_low",
                                       "worst_regret_high",
                                       "seeds",
                                       "of_seeds",
                                       "pending",
                                       "failed"};

std::string number(double value) {
  return std::isnan(value) ? "" : fmt::format("{}", value);
}

std::string quoted(const std::string& text) {
  if (text.find_first_of(",\"\n") == std::string::npos) return text;
  std::string result(1, '"');
  for (const char c : text) result.append(c == '"' ? 2 : 1, c);
  result.push_back('"');
  return result;
}

Row summary_row(const ScheduleAnalysis& found) {
  return {{"record", "summary"},
          {"best_rho", number(found.best_rho)},
          {"best_stepsize", number(found.best_stepsize)},
          {"best", number(found.best)},
          {"best_low", number(found.best_ci.low)},
          {"best_high", number(found.best_ci.high)},
          {"exponent", number(found.exponent)},
          {"exponent_low", number(found.exponent_ci.low)},
          {"exponent_high", number(found.exponent_ci.high)},
          {"theory_exponent", number(found.theory_exponent)},
          {"theory_slope", number(found.theory_slope)},
          {"lr_sensitivity", number(found.lr_sensitivity)},
          {"tolerance", number(found.advice.tolerance)},
          {"advised_ratio", number(found.advice.ratio)},
          {"saved_share", number(found.advice.saved_share)}};
}

Row curve_row(const CurvePoint& point) {
  return {{"record", "curve"},
          {"rho", number(point.rho)},
          {"ratio_to_best", number(point.ratio_to_best)},
          {"mean", number(point.mean)},
          {"mean_low", number(point.ci.low)},
          {"mean_high", number(point.ci.high)},
          {"error_ratio", number(point.error_ratio)},
          {"theory_ratio", number(point.theory_ratio)},
          {"diverged", std::to_string(point.diverged)}};
}

Row left_out_row(const LeftOut& point) {
  return {{"record", "left_out"}, {"rho", number(point.rho)}};
}

Row coarse_row(const CoarseGrid& grid) {
  return {{"record", "coarse_grid"},
          {"grid_ratio", number(grid.ratio)},
          {"mean_regret", number(grid.mean_regret)},
          {"mean_regret_low", number(grid.mean_ci.low)},
          {"mean_regret_high", number(grid.mean_ci.high)},
          {"worst_regret", number(grid.worst_regret)},
          {"worst_regret_low", number(grid.worst_ci.low)},
          {"worst_regret_high", number(grid.worst_ci.high)}};
}

/// The fields of one line; a column that the row lacks is empty.
std::string line(const std::vector<std::string>& names,
                 const std::function<std::string(const std::string&)>& field) {
  std::vector<std::string> fields;
  fields.reserve(names.size());
  for (const std::string& name : names) fields.push_back(quoted(field(name)));
  return fmt::format("{}\r\n", fmt::join(fields, ","));
}

}  // namespace

std::string to_csv(const Analysis& analysis) {
  std::vector<std::string> names;
  if (!analysis.groups.empty())
    for (const auto& [key, value] : analysis.groups.front().axes) names.push_back(key);
  names.insert(names.end(), columns.begin(), columns.end());
  std::string text = line(names, [](const std::string& name) { return name; });
  for (const Group& group : analysis.groups) {
    for (const ScheduleAnalysis& found : group.schedules) {
      const auto add = [&](Row row) {
        row["schedule"] = found.schedule;
        for (const auto& [key, value] : group.axes)
          row[key] = std::visit([](auto number) { return fmt::format("{}", number); }, value);
        text += line(names, [&](const std::string& name) { return row[name]; });
      };
      const auto add_with = [&](const Missing& missing, Row row) {
        row["seeds"] = std::to_string(group.coverage.seeds_used());
        row["of_seeds"] = std::to_string(group.coverage.of_seeds);
        row["pending"] = std::to_string(missing.pending);
        row["failed"] = std::to_string(missing.failed);
        add(std::move(row));
      };
      add_with(found.missing, summary_row(found));
      for (const CurvePoint& point : found.curve) add_with(point.missing, curve_row(point));
      for (const LeftOut& point : found.left_out) add_with(point.missing, left_out_row(point));
      for (const CoarseGrid& grid : found.coarse_grid) add(coarse_row(grid));
    }
  }
  return text;
}

}  // namespace rhosweep::analysis
