#include "rhosweep/problem/problem.hpp"

#include "rhosweep/problem/direct_problem.hpp"

#include <algorithm>

namespace rhosweep::problem {

namespace {

/// Returns the work of multiplying each sample by all parameters twice, as for the scores and the gradient.
double samples_work(const Problem& problem, std::int64_t samples) {
  return 4.0 * static_cast<double>(problem.dimension()) *
         static_cast<double>(std::max<std::int64_t>(samples, 1));
}

}  // namespace

std::vector<double> Problem::initial_point(std::int64_t /*seed*/) const {
  return std::vector<double>(dimension(), 0.0);
}

const std::vector<model::Metric>& DirectProblem::metrics() const {
  static const std::vector<model::Metric> only{model::metrics::train_loss};
  return only;
}

std::optional<double> DirectProblem::diameter() const {
  if (radius() > 0.0) return 2.0 * radius();
  return std::nullopt;
}

double DirectProblem::step_work(const model::SgdSettings& sgd) const {
  const bool full_batch = sgd.sampling == model::Sampling::full_batch;
  return samples_work(*this, full_batch ? samples() : sgd.batch_size);
}

double DirectProblem::evaluation_work() const {
  return samples_work(*this, samples());
}

void DirectProblem::draw_noise(std::int64_t /*seed*/, std::int64_t /*step*/, std::int64_t /*batch_size*/,
                               std::span<double> noise) const {
  std::fill(noise.begin(), noise.end(), 0.0);
}

}  // namespace rhosweep::problem
