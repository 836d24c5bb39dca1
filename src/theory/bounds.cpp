#include "rhosweep/theory/bounds.hpp"

#include "rhosweep/core/compensated_sum.hpp"

#include <algorithm>
#include <cmath>

namespace rhosweep::theory {

namespace {

double unconstrained_stepsize(const ScheduleSums& sums, const Constants& constants) {
  return constants.diameter / (constants.gradient_bound * std::sqrt(sums.s0 * sums.q0));
}

/// Calls visit(k, S_k, Q_k) for k = T − 1 … 0: from the end, where no digits cancel.
template <class Visit>
ScheduleSums sum_from_the_end(const model::Schedule& schedule, std::int64_t steps, const Visit& visit) {
  core::CompensatedSum s;
  core::CompensatedSum q;
  for (std::int64_t t = steps; t-- > 0;) {
    const double h = schedule(t, steps);
    s.add(h);
    if (h > 0.0) q.add(h * h / s.value());
    visit(t, s.value(), q.value());
  }
  return {s.value(), q.value()};
}

}  // namespace

ScheduleSums schedule_sums(const model::Schedule& schedule, std::int64_t steps) {
  return sum_from_the_end(schedule, steps, [](std::int64_t, double, double) {});
}

Constants smooth_constants(double diameter, double noise, double smoothness) {
  return {.diameter = diameter,
          .gradient_bound = std::sqrt(2.0) * noise,
          .largest_stepsize = 1.0 / (2.0 * smoothness)};
}

double tuned_stepsize(const ScheduleSums& sums, const Constants& constants) {
  return std::min(unconstrained_stepsize(sums, constants), constants.largest_stepsize);
}

double tuned_bound(const ScheduleSums& sums, const Constants& constants) {
  const double share = tuned_stepsize(sums, constants) / unconstrained_stepsize(sums, constants);
  return constants.diameter * constants.gradient_bound * std::sqrt(sums.q0 / sums.s0) *
         (0.5 * (1.0 / share + share));
}

std::vector<BoundRatio> bound_ratios(const model::Schedule& schedule, std::int64_t steps,
                                     std::span<const double> rhos) {
  const ScheduleSums sums = schedule_sums(schedule, steps);
  std::vector<BoundRatio> ratios(rhos.size(), {.ratio = std::numeric_limits<double>::infinity()});
  sum_from_the_end(schedule, steps, [&](std::int64_t k, double s, double q) {
    for (std::size_t i = 0; i < rhos.size(); ++i) {
      const double distance = sums.s0 / (rhos[i] * s);
      const double noise = rhos[i] * q / sums.q0;
      const double ratio = 0.5 * (distance + noise);
      if (ratio < ratios[i].ratio)
        ratios[i] = {.ratio = ratio, .restart = k, .slope = (noise - distance) / (noise + distance)};
    }
  });
  return ratios;
}

}  // namespace rhosweep::theory
