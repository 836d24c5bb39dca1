#pragma once

#include "kernel.hpp"
#include "sampler.hpp"

#include "rhosweep/problem/direct_problem.hpp"

#include <optional>
#include <vector>

namespace rhosweep::sgd {

/// Hands the tiles to a problem that computes its gradients itself.
template <class Real>
class DirectKernel : public Kernel<Real> {
 public:
  DirectKernel(const problem::DirectProblem& problem, const model::SgdSettings& sgd, std::int64_t seed);

  void draw(std::int64_t first, std::int64_t count) override;
  void gradient(std::int64_t k, const Tile<Real>& iterates, Tile<Real>& gradients) override;
  void evaluate(const Tile<Real>& iterates, Tile<double>& values) override;

 private:
  const problem::DirectProblem& problem_;
  std::int64_t seed_;
  std::int64_t batch_size_;
  std::int64_t noise_size_;            ///< per step; 0 with the full batch
  std::optional<Sampler> sampler_;     ///< of problems with data, unless the batch is full
  std::vector<std::int64_t> samples_;  ///< (steps of the chunk × batch_size)
  std::vector<double> noise_;          ///< (steps of the chunk × noise_size)
};

}  // namespace rhosweep::sgd
