#include "commands.hpp"

#include "rhosweep/theory/bounds.hpp"

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

std::string tuned_text(const TheoryOptions& options, bool capped) {
  if (!options.smoothness) return "D/(G sqrt(S_0 Q_0))";
  return capped ? "1/(2 beta)" : "D/(sigma sqrt(2 S_0 Q_0))";
}

}  // namespace

core::ExitCode print_theory(const TheoryOptions& options) {
  const auto schedule = model::Schedule::parse(options.spec);
  const theory::ScheduleSums sums = theory::schedule_sums(schedule, options.steps);
  if (!(sums.s0 > 0.0))
    throw core::InputError(fmt::format(
        "{} over {} steps: found a schedule that is 0 at every step; allowed: one that moves, or more steps",
        schedule.spec(), options.steps));
  const theory::Constants constants = constants_of(options);
  const double tuned = theory::tuned_stepsize(sums, constants);
  const double bound = theory::tuned_bound(sums, constants);
  // A cap makes the tuned stepsize smaller than the one that the ratios refer to.
  const double share = tuned * constants.gradient_bound * std::sqrt(sums.s0 * sums.q0) / constants.diameter;
  const bool capped = tuned == constants.largest_stepsize;

  fmt::print("# {} over T = {} steps: {}\n", schedule.spec(), options.steps, constants_text(options));
  fmt::print("# S_0 {}\n# Q_0 {}\n", sums.s0, sums.q0);
  fmt::print("# tuned stepsize {} = {}\n", tuned, tuned_text(options, capped));
  fmt::print("# bound on the excess loss there {}\n", bound);
  fmt::print("# asymptotic exponent {}\n", exponent_text(schedule));
  fmt::print("# {:>10}  {:>12}  {:>10}  {:>12}  {:>10}\n", "rho", "bound ratio", "slope", "restart k", "k/T");
  std::vector<double> scaled;
  for (const double rho : options.rhos) scaled.push_back(share * rho);
  const auto ratios = theory::bound_ratios(schedule, options.steps, scaled);
  const double reference = capped ? 0.5 * (1.0 / share + share) : 1.0;
  for (std::size_t i = 0; i < ratios.size(); ++i) {
    if (options.rhos[i] * tuned > constants.largest_stepsize * (1.0 + 1e-12)) {
      fmt::print("{:>12.6g}  {:>12}  {:>10}  {:>12}  {:>10}\n", options.rhos[i], "-", "-", "-", "-");
      continue;
    }
    fmt::print("{:>12.6g}  {:>12.6f}  {:>10.4f}  {:>12}  {:>10.6f}\n", options.rhos[i],
               ratios[i].ratio / reference, ratios[i].slope, ratios[i].restart,
               static_cast<double>(ratios[i].restart) / static_cast<double>(options.steps));
  }
  if (options.smoothness) fmt::print("# - : beyond 1/(2 beta), where there is no bound\n");
  return core::ExitCode::success;
}

}  // namespace rhosweep::app
