#include "commands.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/core/print.hpp"
#include "rhosweep/study/kinds.hpp"
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

/// Returns the asymptotic exponent as text, and how the schedule ends, from which the exponent follows.
std::string exponent_text(const model::Schedule& schedule) {
  const std::string exponent = fmt::format("{:.4g}", schedule.cost_exponent());
  if (const auto order = schedule.tail_order())
    return fmt::format("{} = 1/(2p+1): h vanishes like (1-u)^p with p = {:g}", exponent, *order);
  return exponent + ": h does not vanish at the end";
}

std::string constants_text(const TheoryOptions& options) {
  if (!options.smoothness)
    return fmt::format("D = {:g}, E|g|^2 <= G^2, G = {:g}", options.diameter, options.gradient_bound);
  return fmt::format("D = {:g}, gradients of variance sigma^2, sigma = {:g}, beta-smooth, beta = {:g}",
                     options.diameter, options.noise, *options.smoothness);
}

std::string form_text(const TheoryOptions& options) {
  if (options.smoothness) return "of the last iterate";
  if (options.form == theory::Form::last_gradient)
    return "of the last point where a gradient is taken, Q_k with h_t^2/S_{t+1}, at most G D";
  return "of the last iterate, Q_k with h_t^2/S_t, at most G D; without smoothness up to a term that vanishes "
         "as T grows (--form last-gradient)";
}

/// Returns the formula of the tuned stepsize.
std::string tuned_text(const TheoryOptions& options, const theory::Bound& tuned,
                       const theory::ScheduleSums& sums) {
  const std::string at = fmt::format("at k = {}", tuned.restart);
  if (!options.smoothness) return "D/(G sqrt(S_k Q_k)) " + at;
  const double free = theory::tuned_stepsize(sums, constants_of(options));
  return (tuned.stepsize < free * (1.0 - 1e-9) ? "1/(2 beta) over the largest h_t "
                                               : "D/(sigma sqrt(2 S_k Q_k)) ") +
         at;
}

/// Returns the sums S_k and Q_k of the bound with a restart at step k (theory/bounds.hpp).
theory::ScheduleSums sums_at(const model::Schedule& schedule, const TheoryOptions& options, std::int64_t k) {
  return theory::schedule_sums(schedule, options.steps, options.form, k);
}

void print_sums(const theory::ScheduleSums& sums) {
  core::print("# S_{0} {1}\n# Q_{0} {2}\n", sums.restart, sums.s, sums.q);
}

void print_ratios(const model::Schedule& schedule, const TheoryOptions& options,
                  const std::vector<double>& rhos, const theory::Bound& tuned) {
  if (rhos.empty()) return;
  core::print("# {:>10}  {:>12}  {:>10}  {:>12}  {:>10}\n", "rho", "bound ratio", "slope", "restart k",
              "k/T");
  std::vector<double> stepsizes;
  stepsizes.reserve(rhos.size());
  for (const double rho : rhos) stepsizes.push_back(rho * tuned.stepsize);
  const auto bounds = theory::bounds(schedule, options.steps, constants_of(options), stepsizes, options.form);
  bool is_unbounded = false;
  for (std::size_t i = 0; i < bounds.size(); ++i) {
    if (bounds[i].restart < 0) {
      core::print("{:>12.6g}  {:>12}  {:>10}  {:>12}  {:>10}\n", rhos[i], "-", "-", "-", "-");
      is_unbounded = true;
      continue;
    }
    core::print("{:>12.6g}  {:>12.6f}  {:>10.4f}  {:>12}  {:>10.6f}\n", rhos[i],
                bounds[i].value / tuned.value, bounds[i].slope, bounds[i].restart,
                static_cast<double>(bounds[i].restart) / static_cast<double>(options.steps));
  }
  if (is_unbounded) core::print("# - : the last step is beyond 1/(2 beta), where there is no bound\n");
}

void print_grid_costs(const theory::BoundCurve& curve, const model::Schedule& schedule,
                      const std::vector<double>& grid_ratios) {
  if (grid_ratios.empty()) return;
  core::print("# cost of a grid: the least bound ratio of its points, over where it begins\n");
  core::print("# {:>10}  {:>12}  {:>12}\n", "grid ratio", "worst cost", "mean cost");
  for (const double ratio : grid_ratios) {
    const theory::GridCost cost = theory::grid_cost(curve, ratio);
    core::print("{:>12.6g}  {:>12.6f}  {:>12.6f}\n", ratio, cost.worst, cost.mean);
  }
  const double exponent = schedule.cost_exponent();
  core::print("# asymptotically the worst cost grows like (grid ratio)^{:.4g}\n",
              exponent / (1.0 + exponent));
}

void print_crossings(const theory::BoundCurve& curve, const std::vector<double>& tolerances) {
  if (tolerances.empty()) return;
  core::print("# the coarsest grid whose worst cost is at most so much\n");
  core::print("# {:>10}  {:>12}\n", "worst cost", "grid ratio");
  for (const double tolerance : tolerances)
    core::print("{:>12.6g}  {:>12.6g}\n", 1.0 + tolerance, theory::crossing_ratio(curve, tolerance));
}

}  // namespace

core::ExitCode print_theory(const TheoryOptions& options) {
  const auto schedule = study::parse_schedule(options.spec, options.steps);
  const theory::ScheduleSums sums = sums_at(schedule, options, 0);
  if (!(sums.s > 0.0))
    core::refuse(fmt::format("{} over {}", schedule.name(), core::counted(options.steps, "step")),
                 "a schedule that is 0 at every step", "another schedule, or more steps");
  const theory::Bound tuned =
      theory::tuned_bound(schedule, options.steps, constants_of(options), options.form);
  const theory::ScheduleSums tuned_sums = sums_at(schedule, options, tuned.restart);

  core::print("# {} over T = {}: {}\n", schedule.name(), core::counted(options.steps, "step"),
              constants_text(options));
  core::print("# the bound is {}\n", form_text(options));
  print_sums(sums);
  if (tuned.restart > 0) print_sums(tuned_sums);
  core::print("# tuned stepsize {} = {}\n", tuned.stepsize, tuned_text(options, tuned, tuned_sums));
  core::print("# bound on the excess loss there {}\n", tuned.value);
  core::print("# asymptotic exponent {}\n", exponent_text(schedule));

  const bool asked = !options.rhos.empty() || !options.grid_ratios.empty() || !options.tolerances.empty();
  print_ratios(schedule, options, asked ? options.rhos : std::vector<double>{1, 2, 4, 16, 64}, tuned);
  if (options.smoothness) return core::ExitCode::success;
  if (asked && options.grid_ratios.empty() && options.tolerances.empty()) return core::ExitCode::success;
  const bool wants_tolerances = options.tolerances.empty() && (!asked || !options.grid_ratios.empty());
  const theory::BoundCurve curve(schedule, options.steps, options.form);
  print_grid_costs(curve, schedule, asked ? options.grid_ratios : std::vector<double>{2, 5, 10, 50});
  print_crossings(curve, wants_tolerances ? std::vector<double>{0.1, 0.25, 0.5, 1.0} : options.tolerances);
  return core::ExitCode::success;
}

}  // namespace rhosweep::app
