#include "json.hpp"

#include "rhosweep/analysis/render.hpp"

namespace rhosweep::analysis {

namespace {

Json interval(const Interval& interval) {
  if (std::isnan(interval.low)) return nullptr;
  return Json::array({finite_or_null(interval.low), finite_or_null(interval.high)});
}

Json text_or_null(const std::string& text) {
  return text.empty() ? Json(nullptr) : Json(text);
}

/// Returns the value at one point of the axis that the worst is taken over; for an axis of paired keys, the
/// list of the keys' values.
Json member_value(const std::vector<AxisValue>& member) {
  if (member.size() == 1) return axis_value(member.front().second);
  Json values = Json::array();
  for (const AxisValue& each : member) values.push_back(axis_value(each.second));
  return values;
}

Json curve(const std::vector<CurvePoint>& points, const std::vector<std::vector<AxisValue>>& members) {
  Json list = Json::array();
  for (const CurvePoint& point : points)
    list.push_back({{"rho", finite_or_null(point.rho)},
                    {"ratio_to_best", finite_or_null(point.ratio_to_best)},
                    {"value", finite_or_null(point.value)},
                    {"ci", interval(point.ci)},
                    {"error_ratio", finite_or_null(point.error_ratio)},
                    {"theory_ratio", finite_or_null(point.theory_ratio)},
                    {"bound", finite_or_null(point.bound)},
                    {"worst_at", point.worst_at ? member_value(members.at(*point.worst_at)) : Json(nullptr)},
                    {"diverged", point.diverged},
                    {"pending", point.missing.pending},
                    {"failed", point.missing.failed},
                    {"not_needed", point.missing.not_needed},
                    {"stopped", point.missing.stopped}});
  return list;
}

Json left_out(const std::vector<LeftOut>& points) {
  Json list = Json::array();
  for (const LeftOut& point : points)
    list.push_back({{"rho", point.rho},
                    {"pending", point.missing.pending},
                    {"failed", point.missing.failed},
                    {"not_needed", point.missing.not_needed},
                    {"stopped", point.missing.stopped}});
  return list;
}

Json grid(const std::vector<CoarseGrid>& grids) {
  Json list = Json::array();
  for (const CoarseGrid& each : grids)
    list.push_back({{"ratio", finite_or_null(each.ratio)},
                    {"judged", each.judged},
                    {"worst", finite_or_null(each.worst)},
                    {"worst_ci", interval(each.worst_ci)},
                    {"mean", finite_or_null(each.mean)},
                    {"mean_ci", interval(each.mean_ci)},
                    {"quantiles", each.quantiles},
                    {"worst_value", finite_or_null(each.worst_value)},
                    {"mean_value", finite_or_null(each.mean_value)},
                    {"theory_worst", finite_or_null(each.theory_worst)},
                    {"theory_mean", finite_or_null(each.theory_mean)},
                    {"reason", text_or_null(each.reason)}});
  return list;
}

Json random(const std::vector<RandomSearchCost>& costs) {
  Json list = Json::array();
  for (const RandomSearchCost& each : costs)
    list.push_back({{"ratio", finite_or_null(each.ratio)},
                    {"trials", finite_or_null(each.trials)},
                    {"mean", finite_or_null(each.mean)},
                    {"mean_value", finite_or_null(each.mean_value)},
                    {"all_diverge", finite_or_null(each.all_diverge)}});
  return list;
}

Json comparison(const ScheduleAnalysis& found) {
  Json list = Json::array();
  for (const GridComparison& each : found.comparison)
    list.push_back({{"ratio", finite_or_null(each.ratio)},
                    {"with", found.compared_with},
                    {"worst", finite_or_null(each.worst)},
                    {"worst_ci", interval(each.worst_ci)}});
  return list;
}

Json advice(const std::vector<Advice>& advice) {
  Json list = Json::array();
  for (const Advice& each : advice)
    list.push_back({{"tolerance", finite_or_null(each.tolerance)},
                    {"ratio", finite_or_null(each.ratio)},
                    {"ratio_ci", interval(each.ratio_ci)},
                    {"theory_ratio", finite_or_null(each.theory_ratio)},
                    {"advised", finite_or_null(each.advised)},
                    {"points_per_decade", finite_or_null(each.points_per_decade)},
                    {"saved_share", finite_or_null(each.saved_share)},
                    {"mean_ratio", finite_or_null(each.mean_ratio)},
                    {"mean_ratio_ci", interval(each.mean_ratio_ci)},
                    {"reason", text_or_null(each.reason)},
                    {"remark", text_or_null(each.remark)}});
  return list;
}

Json costs(const std::vector<FactorCost>& costs) {
  Json list = Json::array();
  for (const FactorCost& each : costs)
    list.push_back({{"factor", each.factor},
                    {"error_ratio", finite_or_null(each.error_ratio)},
                    {"error_ratio_ci", interval(each.error_ratio_ci)},
                    {"theory_ratio", finite_or_null(each.theory_ratio)}});
  return list;
}

Json missing(const Missing& trials) {
  return {{"cells", trials.cells},
          {"pending", trials.pending},
          {"failed", trials.failed},
          {"not_needed", trials.not_needed},
          {"stopped", trials.stopped}};
}

Json coverage(const Coverage& coverage) {
  return {{"seeds", coverage.seeds_used()},
          {"of_seeds", coverage.of_seeds},
          {"complete_seeds", coverage.complete_seeds},
          {"seeds_left_out", coverage.seeds_left_out}};
}

Json theory(const TheoryScope& scope) {
  return {{"applies", scope.applies}, {"caveat", text_or_null(scope.caveat)}};
}

Json schedule(const ScheduleAnalysis& found, const std::vector<std::vector<AxisValue>>& members) {
  return {{"schedule", found.schedule},
          {"best_rho", finite_or_null(found.best_rho)},
          {"best_rho_ci", interval(found.best_rho_ci)},
          {"best_stepsize", finite_or_null(found.best_stepsize)},
          {"best_stepsize_ci", interval(found.best_stepsize_ci)},
          {"best", finite_or_null(found.best)},
          {"best_ci", interval(found.best_ci)},
          {"best_reason", text_or_null(found.best_reason)},
          {"naive_best", finite_or_null(found.naive_best)},
          {"naive_best_ci", interval(found.naive_best_ci)},
          {"naive_best_rho", finite_or_null(found.naive_best_rho)},
          {"naive_best_stepsize", finite_or_null(found.naive_best_stepsize)},
          {"residual", finite_or_null(found.residual)},
          {"exponent", finite_or_null(found.exponent)},
          {"exponent_ci", interval(found.exponent_ci)},
          {"exponent_points", found.exponent_points},
          {"exponent_range", interval(found.exponent_range)},
          {"bound_slope", finite_or_null(found.bound_slope)},
          {"theory_exponent", finite_or_null(found.theory_exponent)},
          {"grid_growth", finite_or_null(found.grid_growth)},
          {"grid_growth_ci", interval(found.grid_growth_ci)},
          {"grid_growth_range", interval(found.grid_growth_range)},
          {"grid_growth_reason", text_or_null(found.grid_growth_reason)},
          {"theory_grid_growth", finite_or_null(found.theory_grid_growth)},
          {"lr_sensitivity", finite_or_null(found.lr_sensitivity)},
          {"diverged_share", finite_or_null(found.diverged_share)},
          {"missing", missing(found.missing)},
          {"curve", curve(found.curve, members)},
          {"left_out", left_out(found.left_out)},
          {"cost_at", costs(found.costs)},
          {"grid", grid(found.grid)},
          {"random", random(found.random)},
          {"comparison", comparison(found)},
          {"advice", advice(found.advice)}};
}

Json baselines(const std::vector<Baseline>& baselines) {
  Json list = Json::array();
  for (const Baseline& each : baselines)
    list.push_back({{"file", each.file},
                    {"optimizer", each.optimizer},
                    {"schedule", each.schedule},
                    {"stepsize", finite_or_null(each.stepsize)},
                    {"value", finite_or_null(each.value)},
                    {"ci", interval(each.ci)},
                    {"diverged_share", finite_or_null(each.diverged_share)}});
  return list;
}

Json group(const Group& group) {
  Json schedules = Json::array();
  for (const ScheduleAnalysis& found : group.schedules) schedules.push_back(schedule(found, group.members));
  return {{"axes", axes_object(group.axes)},
          {"coverage", coverage(group.coverage)},
          {"theory", theory(group.theory)},
          {"schedules", schedules},
          {"baselines", baselines(group.baselines)}};
}

}  // namespace

std::string to_json(const Analysis& analysis) {
  Json groups = Json::array();
  for (const Group& each : analysis.groups) groups.push_back(group(each));
  const Json document{{"format", 2},
                      {"metric", analysis.metric},
                      {"select_by", text_or_null(analysis.select_by)},
                      {"statistic", analysis.statistic},
                      {"worst_over", text_or_null(analysis.worst_over)},
                      {"seeds", analysis.seeds},
                      {"resamples", analysis.resamples},
                      {"missing", missing(analysis.missing)},
                      {"excluded_points", analysis.excluded_points},
                      {"theory", theory(analysis.theory())},
                      {"warnings", analysis.warnings},
                      {"groups", groups}};
  return text_of(document);
}

}  // namespace rhosweep::analysis
