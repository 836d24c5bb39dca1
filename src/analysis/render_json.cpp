#include "rhosweep/analysis/render.hpp"

#include <cmath>

#include <nlohmann/json.hpp>

namespace rhosweep::analysis {

using Json = nlohmann::ordered_json;

namespace {

/// JSON has no infinities and no NaN.
Json finite_or_null(double value) {
  return std::isfinite(value) ? Json(value) : Json(nullptr);
}

Json interval(const Interval& interval) {
  if (std::isnan(interval.low)) return nullptr;
  return Json::array({finite_or_null(interval.low), finite_or_null(interval.high)});
}

Json curve(const std::vector<CurvePoint>& points) {
  Json list = Json::array();
  for (const CurvePoint& point : points)
    list.push_back({{"rho", finite_or_null(point.rho)},
                    {"ratio_to_best", finite_or_null(point.ratio_to_best)},
                    {"mean", finite_or_null(point.mean)},
                    {"ci", interval(point.ci)},
                    {"error_ratio", finite_or_null(point.error_ratio)},
                    {"theory_ratio", finite_or_null(point.theory_ratio)},
                    {"diverged", point.diverged},
                    {"pending", point.missing.pending},
                    {"failed", point.missing.failed}});
  return list;
}

Json left_out(const std::vector<LeftOut>& points) {
  Json list = Json::array();
  for (const LeftOut& point : points)
    list.push_back(
        {{"rho", point.rho}, {"pending", point.missing.pending}, {"failed", point.missing.failed}});
  return list;
}

Json coarse(const std::vector<CoarseGrid>& grids) {
  Json list = Json::array();
  for (const CoarseGrid& grid : grids)
    list.push_back({{"ratio", finite_or_null(grid.ratio)},
                    {"mean_regret", finite_or_null(grid.mean_regret)},
                    {"worst_regret", finite_or_null(grid.worst_regret)},
                    {"stride", grid.stride},
                    {"mean_regret_ci", interval(grid.mean_ci)},
                    {"worst_regret_ci", interval(grid.worst_ci)}});
  return list;
}

Json missing(const Missing& trials) {
  return {{"cells", trials.cells}, {"pending", trials.pending}, {"failed", trials.failed}};
}

Json coverage(const Coverage& coverage) {
  return {{"seeds", coverage.seeds_used()},
          {"of_seeds", coverage.of_seeds},
          {"complete_seeds", coverage.complete_seeds},
          {"seeds_left_out", coverage.seeds_left_out}};
}

Json schedule(const ScheduleAnalysis& found) {
  return {{"schedule", found.schedule},
          {"best_rho", finite_or_null(found.best_rho)},
          {"best_stepsize", finite_or_null(found.best_stepsize)},
          {"best", finite_or_null(found.best)},
          {"best_ci", interval(found.best_ci)},
          {"exponent", finite_or_null(found.exponent)},
          {"exponent_ci", interval(found.exponent_ci)},
          {"exponent_points", found.exponent_points},
          {"theory_exponent", finite_or_null(found.theory_exponent)},
          {"theory_slope", finite_or_null(found.theory_slope)},
          {"lr_sensitivity", finite_or_null(found.lr_sensitivity)},
          {"missing", missing(found.missing)},
          {"curve", curve(found.curve)},
          {"left_out", left_out(found.left_out)},
          {"coarse_grid", coarse(found.coarse_grid)},
          {"advice",
           {{"tolerance", finite_or_null(found.advice.tolerance)},
            {"ratio", finite_or_null(found.advice.ratio)},
            {"saved_share", finite_or_null(found.advice.saved_share)},
            {"grid_points", found.advice.grid_points},
            {"of_points", found.advice.of_points}}}};
}

Json group(const Group& group) {
  Json axes = Json::object();
  for (const auto& [key, value] : group.axes)
    axes[key] = std::visit([](auto number) { return Json(number); }, value);
  Json schedules = Json::array();
  for (const ScheduleAnalysis& found : group.schedules) schedules.push_back(schedule(found));
  return {{"axes", axes}, {"coverage", coverage(group.coverage)}, {"schedules", schedules}};
}

}  // namespace

std::string to_json(const Analysis& analysis) {
  Json groups = Json::array();
  for (const Group& each : analysis.groups) groups.push_back(group(each));
  const Json document{
      {"metric", analysis.metric},
      {"worst_over", analysis.worst_over.empty() ? Json(nullptr) : Json(analysis.worst_over)},
      {"seeds", analysis.seeds},
      {"resamples", analysis.resamples},
      {"missing", missing(analysis.missing)},
      {"theory",
       {{"applies", analysis.theory.applies},
        {"caveat", analysis.theory.caveat.empty() ? Json(nullptr) : Json(analysis.theory.caveat)}}},
      {"warnings", analysis.warnings},
      {"groups", groups}};
  return document.dump(1) + "\n";
}

}  // namespace rhosweep::analysis
