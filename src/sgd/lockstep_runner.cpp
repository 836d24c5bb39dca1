#include "rhosweep/sgd/lockstep_runner.hpp"

#include "rhosweep/sgd/lanes.hpp"
#include "rhosweep/sgd/run_block.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

namespace rhosweep::sgd {

namespace {

constexpr std::int64_t cache_bytes = std::int64_t{512} << 10;
constexpr std::int64_t widest_block = 512;

/// Returns the memory of one trial in bytes: its iterate, its optimizer's state and its gradient.
std::int64_t trial_bytes(const problem::Problem& problem, const model::SgdSettings& sgd) {
  const std::int64_t number = sgd.precision == model::Precision::float64 ? 8 : 4;
  return number * (model::numbers_kept(sgd) + 1) * problem.dimension();
}

/// Returns the metrics of a problem, in its order, at the initial point of one seed.
std::vector<double> measure_start(const problem::Problem& problem, model::SgdSettings sgd,
                                  std::int64_t seed) {
  static const auto constant = model::Schedule::parse("constant");
  // One step with stepsize 0 stays at the initial point and uses the same code as every trial. The metrics do
  // not depend on batch_size. It is set to 1 here, so that a mini-batch too large for memory makes trials
  // fail later, not the whole run now.
  sgd.steps = 1;
  sgd.batch_size = 1;
  sgd.evaluations = 1;
  Multipliers multipliers;
  const std::array trials{Trial{&constant, 0.0}};
  return run_block(problem, sgd, seed, trials, multipliers, [] { return true; }).value().final;
}

}  // namespace

LockstepRunner::LockstepRunner(std::shared_ptr<const problem::Problem> problem,
                               std::shared_ptr<Multipliers> multipliers)
    : problem_(std::move(problem)), multipliers_(std::move(multipliers)) {}

model::BlockWidths LockstepRunner::widths(const model::SgdSettings& sgd) const {
  const std::int64_t fitting = cache_bytes / trial_bytes(*problem_, sgd);
  return {.step = lanes, .most = std::clamp(fitting, std::int64_t{lanes}, widest_block)};
}

model::TrialCost LockstepRunner::cost(const model::SgdSettings& sgd) const {
  constexpr std::int64_t bytes_per_sample =
      64;  // a sample's index, its place in memory and its scores in some trials
  const bool draws = sgd.sampling != model::Sampling::full_batch && problem_->samples() > 0;
  return {.work = trial_work(*problem_, sgd),
          .counts_operations = true,
          .bytes = trial_bytes(*problem_, sgd),
          .batch_bytes = draws ? bytes_per_sample * sgd.batch_size : 0};
}

model::ObjectiveConstants LockstepRunner::constants() const {
  model::ObjectiveConstants known{.diameter = problem_->diameter(),
                                  .gradient_bound = problem_->gradient_bound(),
                                  .is_bounded_by_theory = problem_->is_convex() && problem_->radius() > 0.0};
  if (const optimum::Minimiser* minimiser = problem_->minimiser()) known.f_star = minimiser->value;
  return known;
}

std::vector<double> LockstepRunner::initial_metrics(const model::SgdSettings& sgd,
                                                    std::span<const std::int64_t> seeds) const {
  const std::int64_t metrics = std::ssize(problem_->metrics());
  std::vector<double> table(metrics * std::ssize(seeds));
  std::vector<double> last_start;
  std::vector<double> values;
  for (std::int64_t s = 0; s < std::ssize(seeds); ++s) {
    // Most problems start at the same point for every seed, so that point is measured once.
    if (auto start = problem_->initial_point(seeds[s]); s == 0 || start != last_start) {
      values = measure_start(*problem_, sgd, seeds[s]);
      last_start = std::move(start);
    }
    for (std::int64_t m = 0; m < metrics; ++m) table[m * std::ssize(seeds) + s] = values[m];
  }
  return table;
}

void LockstepRunner::add_identity(core::Hash& hash) const {
  if (const optimum::Minimiser* minimiser = problem_->minimiser())
    hash.number(minimiser->value).numbers(std::span<const double>(minimiser->w));
}

std::optional<model::BlockResult> LockstepRunner::run(const model::SgdSettings& sgd, std::int64_t seed,
                                                      std::span<const model::Trial> trials,
                                                      const model::Yield& yield) const {
  return run_block(*problem_, sgd, seed, trials, *multipliers_, yield);
}

}  // namespace rhosweep::sgd
