#include "rhosweep/model/stop_when.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/core/increasing_order.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace rhosweep::model {

namespace {

constexpr double never = std::numeric_limits<double>::infinity();
constexpr double not_known = std::numeric_limits<double>::quiet_NaN();

}  // namespace

std::string default_metric(std::span<const Metric> metrics, bool knows_minima) {
  const std::string& excess = metrics::excess_loss.name;
  const bool has_excess = std::ranges::find(metrics, excess, &Metric::name) != metrics.end();
  return knows_minima && has_excess ? excess : metrics::train_loss.name;
}

std::int64_t StopLimits::first_stop(std::span<const double> curve) const {
  std::int64_t evaluation = 0;
  while (evaluation < std::ssize(curve) && !stop_at(evaluation, curve[evaluation])) ++evaluation;
  return evaluation;
}

StopRule::StopRule(StopWhen settings, const Grid& grid, std::span<const Metric> metrics, bool knows_minima)
    : settings_(std::move(settings)), is_first_(grid.rhos.size(), false) {
  const std::string name =
      settings_.metric.empty() ? default_metric(metrics, knows_minima) : settings_.metric;
  const auto found = std::ranges::find(metrics, name, &Metric::name);
  core::require(found != metrics.end(), "the trials have the metric of [stop_when]");
  metric_ = found - metrics.begin();
  at_most_ = found->at_most;
  const std::vector<std::int64_t> order = core::increasing_order(grid.rhos);
  const std::int64_t middle = (std::ssize(order) - 1) / 2;
  for (std::int64_t i = middle % settings_.first_every; i < std::ssize(order); i += settings_.first_every)
    is_first_[order[i]] = true;
}

std::vector<double> StopRule::limits(std::span<const std::int64_t> steps,
                                     std::span<const double> curves) const {
  const std::int64_t evaluations = std::ssize(steps);
  const double begin = settings_.from * static_cast<double>(steps.back());
  std::vector<double> limits(evaluations, never);
  for (std::int64_t e = 0; e + 1 < evaluations; ++e) {
    if (static_cast<double>(steps[e]) < begin) continue;
    double least = never;
    for (std::int64_t i = e; i < std::ssize(curves); i += evaluations)
      least = std::fmin(least, as_cost(curves[i], at_most_));  // ignores NaN
    if (least > 0.0) limits[e] = settings_.factor * least;
  }
  return limits;
}

StopTable::StopTable(const StopRule& rule, const Grid& grid, std::int64_t evaluations)
    : rule_(rule),
      seeds_(std::ssize(grid.seeds)),
      schedules_(std::ssize(grid.schedules)),
      rhos_(std::ssize(grid.rhos)),
      evaluations_(evaluations),
      numbers_(static_cast<std::size_t>(grid.axes_points() * seeds_ * schedules_ * evaluations), not_known) {}

std::size_t StopTable::row(core::PointIndex point, std::int64_t seed, std::int64_t trial) const {
  return static_cast<std::size_t>(((point.value * seeds_ + seed) * schedules_ + trial / rhos_) *
                                  evaluations_);
}

void StopTable::set(core::PointIndex point, std::int64_t seed, std::int64_t schedule,
                    std::span<const double> limits) {
  core::require(std::ssize(limits) == evaluations_, "one limit per evaluation");
  std::ranges::copy(limits,
                    numbers_.begin() + static_cast<std::ptrdiff_t>(row(point, seed, schedule * rhos_)));
}

bool StopTable::knows(core::PointIndex point, std::int64_t seed, std::int64_t trial) const {
  return !std::isnan(numbers_[row(point, seed, trial)]);
}

StopLimits StopTable::of(core::PointIndex point, std::int64_t seed, std::int64_t trial) const {
  if (rule_.is_first(trial)) return {};
  core::require(knows(point, seed, trial), "the first trials have run");
  return {.costs = std::span(numbers_).subspan(row(point, seed, trial), evaluations_),
          .metric = rule_.metric(),
          .at_most = rule_.at_most()};
}

}  // namespace rhosweep::model
