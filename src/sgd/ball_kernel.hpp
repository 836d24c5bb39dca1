#pragma once

#include "direct_kernel.hpp"

#include "rhosweep/problem/ball_problem.hpp"

namespace rhosweep::sgd {

/// The kernel of a problem on a ball. If the optimizer keeps no state besides the iterate, one call of the
/// vector code runs all steps of a chunk for a tile.
template <class Real>
class BallKernel final : public DirectKernel<Real> {
 public:
  BallKernel(const problem::BallProblem& problem, const model::SgdSettings& sgd, std::int64_t seed,
             PacedYield& yield);

  void draw(std::int64_t first, std::int64_t count) override;
  void advance(const Steps<Real>& steps, TileState<Real>& tile) override;

 private:
  BallFamily<Real> family_;
  std::vector<Real> rounded_noise_;  ///< (steps of the chunk × dimension), zeros with the full batch
};

}  // namespace rhosweep::sgd
