#include "rhosweep/analysis/render.hpp"

#include <cmath>

#include <nlohmann/json.hpp>

namespace rhosweep::analysis {

using Json = nlohmann::ordered_json;

namespace {

/// JSON has no infinities and no NaN.
Json number(double value) {
  return std::isfinite(value) ? Json(value) : Json(nullptr);
}

Json interval(const Interval& interval) {
  if (std::isnan(interval.low)) return nullptr;
  return Json::array({number(interval.low), number(interval.high)});
}

Json curve(const std::vector<CurvePoint>& points) {
  Json list = Json::array();
  for (const CurvePoint& point : points)
    list.push_back({{"rho", number(point.rho)},
                    {"ratio_to_best", number(point.ratio_to_best)},
                    {"mean", number(point.mean)},
                    {"ci", interval(point.ci)},
                    {"error_ratio", number(point.error_ratio)},
                    {"theory_ratio", number(point.theory_ratio)},
                    {"diverged", point.diverged}});
  return list;
}

Json coarse(const std::vector<CoarseGrid>& grids) {
  Json list = Json::array();
  for (const CoarseGrid& grid : grids)
    list.push_back({{"ratio", number(grid.ratio)},
                    {"mean_regret", number(grid.mean_regret)},
                    {"worst_regret", number(grid.worst_regret)},
                    {"stride", grid.stride},
                    {"mean_regret_ci", interval(grid.mean_ci)},
                    {"worst_regret_ci", interval(grid.worst_ci)}});
  return list;
}

Json schedule(const ScheduleAnalysis& found) {
  return {{"schedule", found.schedule},
          {"best_rho", number(found.best_rho)},
          {"best_stepsize", number(found.best_stepsize)},
          {"best", number(found.best)},
          {"best_ci", interval(found.best_ci)},
          {"exponent", number(found.exponent)},
          {"exponent_ci", interval(found.exponent_ci)},
          {"exponent_points", found.exponent_points},
          {"theory_exponent", number(found.theory_exponent)},
          {"theory_slope", number(found.theory_slope)},
          {"lr_sensitivity", number(found.lr_sensitivity)},
          {"curve", curve(found.curve)},
          {"coarse_grid", coarse(found.coarse_grid)},
          {"advice",
           {{"tolerance", number(found.advice.tolerance)},
            {"ratio", number(found.advice.ratio)},
            {"saved_share", number(found.advice.saved_share)},
            {"grid_points", found.advice.grid_points},
            {"of_points", found.advice.of_points}}}};
}

Json group(const Group& group) {
  Json axes = Json::object();
  for (const auto& [key, value] : group.axes)
    axes[key] = std::visit([](auto number) { return Json(number); }, value);
  Json schedules = Json::array();
  for (const ScheduleAnalysis& found : group.schedules) schedules.push_back(schedule(found));
  return {{"axes", axes}, {"schedules", schedules}};
}

}  // namespace

std::string to_json(const Analysis& analysis) {
  Json groups = Json::array();
  for (const Group& each : analysis.groups) groups.push_back(group(each));
  const Json document{{"metric", analysis.metric},
                      {"worst_over", analysis.worst_over.empty() ? Json(nullptr) : Json(analysis.worst_over)},
                      {"seeds", analysis.seeds},
                      {"resamples", analysis.resamples},
                      {"warnings", analysis.warnings},
                      {"groups", groups}};
  return document.dump(1) + "\n";
}

}  // namespace rhosweep::analysis
