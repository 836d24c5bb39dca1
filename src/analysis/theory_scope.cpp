#include "theory_scope.hpp"

#include "rhosweep/model/sgd_settings.hpp"
#include "rhosweep/theory/bounds.hpp"
#include "rhosweep/theory/grid_cost.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace rhosweep::analysis {

using core::PointIndex;

namespace {

constexpr std::int64_t most_steps = 1'000'000'000;  // more steps take minutes for each schedule

/// Returns why there is no bound although the theory applies, or "".
std::string reason_against_sums(std::optional<std::int64_t> steps) {
  const std::string exponent_alone = "theory is its exponent alone: ";
  if (!steps) return exponent_alone + "the bound is of one number of steps, and sgd.steps varies";
  if (*steps > most_steps)
    return fmt::format(
        "{}the bound's sums over sgd.steps = {} would take minutes for each schedule (at most {})",
        exponent_alone, *steps, most_steps);
  return {};
}

/// Returns why the bound does not apply to trials with these settings, or "".
std::string reason_against(const model::SgdSettings& sgd) {
  if (sgd.optimizer != model::Optimizer::sgd)
    return fmt::format("it is about plain SGD, not about \"{}\"", model::name_of(sgd.optimizer));
  if (sgd.momentum > 0.0) return "it is about SGD without momentum";
  if (sgd.iterate == model::Iterate::average) return "it is about the last iterate, not the average";
  if (sgd.sampling == model::Sampling::shuffle)
    return "it is about unbiased gradients, and sgd.sampling = \"shuffle\" gives biased ones";
  return {};
}

/// Returns why the bound does not apply to this metric, or "".
std::string reason_against(const store::ResultsReader& file, const std::string& metric,
                           const std::vector<PointIndex>& points) {
  const std::string about = "it is about excess_loss, or train_loss where f_star is known";
  if (metric == model::metrics::excess_loss.name) return {};
  if (metric != model::metrics::train_loss.name) return fmt::format("{}, not about {}", about, metric);
  const bool is_known = std::none_of(points.begin(), points.end(),
                                     [&](PointIndex point) { return std::isnan(file.f_star(point)); });
  return is_known ? "" : about;
}

/// Returns the diameter of the ball and the bound on the gradients at an axes point; nullopt if the file
/// lacks these constants.
std::optional<theory::Constants> constants_at(const store::FileDescription& file, PointIndex point) {
  if (file.diameter.empty() || file.gradient_bound.empty()) return std::nullopt;
  const theory::Constants constants{.diameter = file.diameter[point.value],
                                    .gradient_bound = file.gradient_bound[point.value]};
  const bool is_known = constants.diameter > 0.0 && constants.gradient_bound > 0.0;
  return is_known ? std::optional(constants) : std::nullopt;
}

}  // namespace

TheoryScope theory_scope(const store::ResultsReader& file, const Options& options,
                         const std::vector<PointIndex>& points) {
  const store::FileDescription& description = file.description();
  const auto because = [](const std::string& reason) {
    return TheoryScope{.applies = false, .caveat = "no theory: " + reason};
  };
  if (const std::string reason = reason_against(file, options.metric, points); !reason.empty())
    return because(reason);
  if (!options.select_by.empty() && options.select_by != options.metric)
    return because("it is about stepsizes that are chosen by the metric that is reported");
  if (options.statistic.kind != Statistic::Kind::mean)
    return because(fmt::format("it bounds the mean over seeds, not the {}", noun_of(options.statistic)));
  if (description.sgd.empty()) return because("this version cannot read the section [sgd] of the sweep");
  for (const PointIndex point : points)
    if (const std::string reason = reason_against(description.sgd[point.value]); !reason.empty())
      return because(reason);
  for (const PointIndex point : points)
    if (!constants_at(description, point))
      return because(
          "it is about convex problems whose iterates are projected onto a ball (problem.radius > 0), with a "
          "known bound on the gradients");
  return {.applies = true, .caveat = reason_against_sums(steps_of(file, points))};
}

std::optional<std::int64_t> steps_of(const store::ResultsReader& file,
                                     const std::vector<PointIndex>& points) {
  const std::int64_t steps = file.steps(points.front()).back();
  for (const PointIndex point : points)
    if (file.steps(point).back() != steps) return std::nullopt;
  return steps;
}

namespace {

GridTheory theory_of_grids(const model::Schedule& schedule, std::int64_t steps,
                           const ScheduleAnalysis& asked) {
  GridTheory found;
  const theory::BoundCurve curve(schedule, steps);
  if (curve.empty()) return found;
  for (const CoarseGrid& coarse : asked.grid) {
    const theory::GridCost cost = theory::grid_cost(curve, coarse.ratio);
    found.worst.push_back(cost.worst - 1.0);
    found.mean.push_back(cost.mean - 1.0);
  }
  for (const Advice& advice : asked.advice)
    found.crossings.push_back(theory::crossing_ratio(curve, advice.tolerance));
  return found;
}

}  // namespace

void fill_theory(const store::ResultsReader& file, const std::vector<PointIndex>& points,
                 std::int64_t schedule_index, std::optional<std::int64_t> steps, GridTheories& known,
                 ScheduleAnalysis& into) {
  const model::Grid& grid = file.description().grid;
  const model::Schedule& schedule = grid.schedules[schedule_index];
  const std::int64_t rhos = std::ssize(grid.rhos);
  into.theory_exponent = schedule.cost_exponent();
  // The exponent r = 1/(2p+1) gives r/(1 + r) = 1/(2p+2).
  into.theory_grid_growth = into.theory_exponent / (1.0 + into.theory_exponent);
  if (!reason_against_sums(steps).empty()) return;

  if (!std::isnan(into.best_rho)) {
    std::vector<double> ratios;
    for (const CurvePoint& point : into.curve) ratios.push_back(point.ratio_to_best);
    const auto bounds = theory::bound_ratios(schedule, *steps, ratios);
    for (std::size_t i = 0; i < bounds.size(); ++i) into.curve[i].theory_ratio = bounds[i].ratio;
    const auto at_factors = theory::bound_ratios(schedule, *steps, cost_factors);
    for (std::size_t i = 0; i < into.costs.size(); ++i) into.costs[i].theory_ratio = at_factors[i].ratio;
  }
  // Members of a family often have the same constants and stepsizes, and then the same bounds.
  std::optional<std::tuple<double, double, std::vector<double>>> before;
  for (const PointIndex point : points) {
    std::vector<double> stepsizes;
    for (const CurvePoint& of_curve : into.curve) {
      const auto rho = std::find(grid.rhos.begin(), grid.rhos.end(), of_curve.rho) - grid.rhos.begin();
      stepsizes.push_back(file.stepsizes(point)[schedule_index * rhos + rho]);
    }
    const auto constants = *constants_at(file.description(), point);
    std::tuple here(constants.diameter, constants.gradient_bound, stepsizes);
    if (before == here) continue;
    before = std::move(here);
    const auto bounds = theory::bounds(schedule, *steps, constants, stepsizes);
    for (std::size_t i = 0; i < bounds.size(); ++i)
      if (!(bounds[i].value <= into.curve[i].bound)) into.curve[i].bound = bounds[i].value;
  }
  auto found = known.find({schedule_index, *steps});
  if (found == known.end())
    found = known.emplace(std::pair(schedule_index, *steps), theory_of_grids(schedule, *steps, into)).first;
  const GridTheory& of_grids = found->second;
  for (std::size_t i = 0; i < of_grids.worst.size(); ++i) {
    into.grid[i].theory_worst = of_grids.worst[i];
    into.grid[i].theory_mean = of_grids.mean[i];
  }
  for (std::size_t i = 0; i < of_grids.crossings.size(); ++i)
    into.advice[i].theory_ratio = of_grids.crossings[i];
}

}  // namespace rhosweep::analysis
