#pragma once

#include "paced_yield.hpp"
#include "sampler.hpp"
#include "stepwise_kernel.hpp"

#include "rhosweep/problem/direct_problem.hpp"

#include <optional>
#include <vector>

namespace rhosweep::sgd {

/// The kernel of a problem that computes its gradients itself: passes each tile of trials to the problem.
template <class Real>
class DirectKernel : public StepwiseKernel<Real> {
 public:
  DirectKernel(const problem::DirectProblem& problem, const model::SgdSettings& sgd, std::int64_t seed,
               PacedYield& yield);

  double numbers_per_step() const override;
  void draw(std::int64_t first, std::int64_t count) override;
  void evaluate(std::span<const Measurement<Real>> tiles) override;

 protected:
  void gradient(std::int64_t k, const Tile<Real>& iterates, Tile<Real>& gradients) override;

  /// Returns the noise of the steps that draw() was last called for, shape (steps, noise size); empty with
  /// the full batch.
  std::span<const double> noise() const { return noise_; }

 private:
  const problem::DirectProblem& problem_;
  PacedYield& yield_;
  std::int64_t seed_;
  std::int64_t batch_size_;
  std::int64_t noise_size_;                ///< noise values per step; 0 with the full batch
  std::optional<Sampler> sampler_;         ///< unset without data or with the full batch
  std::vector<std::int64_t> all_samples_;  ///< indices of all samples; only with the full batch
  std::vector<std::int64_t> samples_;      ///< indices, (steps of the chunk × batch_size)
  std::vector<double> noise_;              ///< (steps of the chunk × noise_size)
};

}  // namespace rhosweep::sgd
