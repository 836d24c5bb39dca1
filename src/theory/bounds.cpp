#include "rhosweep/theory/bounds.hpp"

#include "sum_from_the_end.hpp"

#include <algorithm>
#include <cmath>

namespace rhosweep::theory {

namespace {

/// Lowers bound.value to the value that these sums give at bound.stepsize, if the latter value is smaller.
void lower(Bound& bound, const ScheduleSums& sums, const Constants& constants) {
  const double d = constants.diameter;
  const double g = constants.gradient_bound;
  const double distance = d * d / (2.0 * bound.stepsize * sums.s);
  const double noise = bound.stepsize * g * g / 2.0 * sums.q;
  if (!(distance + noise < bound.value)) return;
  bound.value = distance + noise;
  bound.restart = sums.restart;
  bound.slope = (noise - distance) / (noise + distance);
}

void cap(Bound& bound, const Constants& constants) {
  if (bound.value < constants.trivial_bound()) return;
  bound.value = constants.trivial_bound();
  bound.slope = 0.0;
}

}  // namespace

double Constants::trivial_bound() const {
  return std::isinf(largest_stepsize) ? gradient_bound * diameter : std::numeric_limits<double>::infinity();
}

Constants smooth_constants(double diameter, double noise, double smoothness) {
  return {.diameter = diameter,
          .gradient_bound = std::sqrt(2.0) * noise,
          .largest_stepsize = 1.0 / (2.0 * smoothness)};
}

ScheduleSums schedule_sums(const model::Schedule& schedule, std::int64_t steps, Form form, std::int64_t k) {
  ScheduleSums found;
  sum_from_the_end(schedule, steps, form, [&](const ScheduleSums& sums, double) {
    if (sums.restart >= k) found = sums;
  });
  found.restart = k;
  return found;
}

ScheduleSums tuned_sums(const model::Schedule& schedule, std::int64_t steps, Form form) {
  ScheduleSums tuned;
  sum_from_the_end(schedule, steps, form, [&](const ScheduleSums& sums, double) {
    if (tuned.s == 0.0 || sums.q / sums.s < tuned.q / tuned.s) tuned = sums;
  });
  return tuned;
}

double tuned_stepsize(const ScheduleSums& tuned, const Constants& constants) {
  return constants.diameter / (constants.gradient_bound * std::sqrt(tuned.s * tuned.q));
}

Bound tuned_bound(const model::Schedule& schedule, std::int64_t steps, const Constants& constants,
                  Form form) {
  Bound best;
  double largest = 0.0;  // maximum of h_t over t ≥ sums.restart
  sum_from_the_end(schedule, steps, form, [&](const ScheduleSums& sums, double h) {
    largest = std::max(largest, h);
    Bound bound{.stepsize = std::min(tuned_stepsize(sums, constants), constants.largest_stepsize / largest)};
    lower(bound, sums, constants);
    if (bound.value < best.value) best = bound;
  });
  cap(best, constants);
  return best;
}

std::vector<Bound> bounds(const model::Schedule& schedule, std::int64_t steps, const Constants& constants,
                          std::span<const double> stepsizes, Form form) {
  std::vector<Bound> all;
  all.reserve(stepsizes.size());
  for (const double stepsize : stepsizes) all.push_back({.stepsize = stepsize});
  double largest = 0.0;  // maximum of h_t over t ≥ sums.restart
  // The limit is slightly larger than the constant, so that rounding does not put the stepsize of
  // tuned_bound() above it.
  const double limit = constants.largest_stepsize * (1.0 + 1e-12);
  sum_from_the_end(schedule, steps, form, [&](const ScheduleSums& sums, double h) {
    largest = std::max(largest, h);
    for (Bound& bound : all)
      if (bound.stepsize * largest <= limit) lower(bound, sums, constants);
  });
  for (Bound& bound : all)
    if (bound.restart >= 0) cap(bound, constants);
  return all;
}

std::vector<BoundRatio> bound_ratios(const model::Schedule& schedule, std::int64_t steps,
                                     std::span<const double> rhos, Form form) {
  const Constants unit;
  const ScheduleSums tuned = tuned_sums(schedule, steps, form);
  std::vector<BoundRatio> ratios(rhos.size(), {.ratio = std::numeric_limits<double>::infinity()});
  if (tuned.s == 0.0) return ratios;
  std::vector<double> stepsizes;
  stepsizes.reserve(rhos.size());
  for (const double rho : rhos) stepsizes.push_back(rho * tuned_stepsize(tuned, unit));
  const std::vector<Bound> found = bounds(schedule, steps, unit, stepsizes, form);
  for (std::size_t i = 0; i < rhos.size(); ++i)
    ratios[i] = {.ratio = found[i].value / std::sqrt(tuned.q / tuned.s),
                 .restart = found[i].restart,
                 .slope = found[i].slope};
  return ratios;
}

}  // namespace rhosweep::theory
