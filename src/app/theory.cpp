#include "commands.hpp"

#include "rhosweep/theory/bounds.hpp"
#include "rhosweep/theory/grid_cost.hpp"

#include <cmath>
#include <cstdio>

#include <fmt/format.h>

namespace rhosweep::app {

namespace {

theory::Constants constants_of(const TheoryOptions& options) {
  if (options.smoothness)
    return theory::smooth_constants(options.diameter, options.noise, *options.smoothness);
  return {.diameter = options.diameter, .gradient_bound = options.gradient_bound};
}

/// The exponent and where it comes from.
std::string exponent_text(const model::Schedule& schedule) {
  const std::string exponent = fmt::format("{:.4g}", schedule.cost_exponent());
  if (const auto order = schedule.tail_order())
    return fmt::format("{} = 1/(2p+1): h vanishes at the end like (1-u)^p with p = {:g}", exponent, *order);
  return exponent + ": h does not vanish at the end";
}

std::string constants_text(const TheoryOptions& options) {
  if (!options.smoothness)
    return fmt::format("D = {:g}, E|g|^2 <= G^2, G = {:g}", options.diameter, options.gradient_bound);
  return fmt::format("D = {:g}, gradients of variance sigma^2, sigma = {:g}, beta-smooth, beta = {:g}",
                     options.diameter, options.noise, *options.smoothness);
}

}  // namespace

core::ExitCode print_theory(const TheoryOptions& options) {
  const auto schedule = model::Schedule::parse(options.spec);
  const theory::ScheduleSums sums = theory::schedule_sums(schedule, options.steps);
  if (!(sums.s > 0.0))
    throw core::InputError(fmt::format(
        "{} over {} steps: found a schedule that is 0 at every step; allowed: one that moves, or more steps",
        schedule.spec(), options.steps));
  const theory::Constants constants = constants_of(options);
  const theory::Bound tuned = theory::tuned_bound(schedule, options.steps, constants);

  fmt::print("# {} over T = {} steps: {}\n", schedule.spec(), options.steps, constants_text(options));
  fmt::print("# S_0 {}\n# Q_0 {}\n", sums.s, sums.q);
  fmt::print("# tuned stepsize {}\n", tuned.stepsize);
  fmt::print("# bound on the excess loss there {}\n", tuned.value);
  fmt::print("# asymptotic exponent {}\n", exponent_text(schedule));
  fmt::print("# {:>10}  {:>12}  {:>10}  {:>12}  {:>10}\n", "rho", "bound ratio", "slope", "restart k", "k/T");
  std::vector<double> stepsizes;
  for (const double rho : options.rhos) stepsizes.push_back(rho * tuned.stepsize);
  const auto bounds = theory::bounds(schedule, options.steps, constants, stepsizes);
  for (std::size_t i = 0; i < bounds.size(); ++i) {
    if (bounds[i].restart < 0) {
      fmt::print("{:>12.6g}  {:>12}  {:>10}  {:>12}  {:>10}\n", options.rhos[i], "-", "-", "-", "-");
      continue;
    }
    fmt::print("{:>12.6g}  {:>12.6f}  {:>10.4f}  {:>12}  {:>10.6f}\n", options.rhos[i],
               bounds[i].value / tuned.value, bounds[i].slope, bounds[i].restart,
               static_cast<double>(bounds[i].restart) / static_cast<double>(options.steps));
  }
  if (options.smoothness) fmt::print("# - : every step is beyond 1/(2 beta), where there is no bound\n");
  return core::ExitCode::success;
}

}  // namespace rhosweep::app
