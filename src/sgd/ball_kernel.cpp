#include "ball_kernel.hpp"

#include <algorithm>

namespace rhosweep::sgd {

template <class Real>
BallKernel<Real>::BallKernel(const problem::BallProblem& problem, const model::SgdSettings& sgd,
                             std::int64_t seed, PacedYield& yield)
    : DirectKernel<Real>(problem, sgd, seed, yield),
      family_{.dimension = problem.dimension(),
              .shape = problem.shape(),
              .coefficient = static_cast<Real>(problem.coefficient()),
              .radius = static_cast<Real>(problem.radius())} {}

template <class Real>
void BallKernel<Real>::draw(std::int64_t first, std::int64_t count) {
  DirectKernel<Real>::draw(first, count);
  rounded_noise_.assign(count * family_.dimension, Real(0));
  std::ranges::transform(this->noise(), rounded_noise_.begin(),
                         [](double x) { return static_cast<Real>(x); });
}

template <class Real>
void BallKernel<Real>::advance(const Steps<Real>& steps, TileState<Real>& tile) {
  if (!this->is_plain()) return StepwiseKernel<Real>::advance(steps, tile);
  this->code().descend_on_ball(family_, steps, rounded_noise_.data(), tile.iterates.data());
}

template class BallKernel<double>;
template class BallKernel<float>;

}  // namespace rhosweep::sgd
