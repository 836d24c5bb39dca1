#include "quadratic_kernel.hpp"

#include <algorithm>

namespace rhosweep::sgd {

template <class Real>
QuadraticKernel<Real>::QuadraticKernel(const problem::Quadratic& problem, const model::SgdSettings& sgd,
                                       std::int64_t seed, PacedPulse& pulse)
    : DirectKernel<Real>(problem, sgd, seed, pulse),
      family_{.dimension = problem.dimension(),
              .curvature = static_cast<Real>(problem.curvature()),
              .radius = static_cast<Real>(problem.radius())} {}

template <class Real>
void QuadraticKernel<Real>::draw(std::int64_t first, std::int64_t count) {
  DirectKernel<Real>::draw(first, count);
  rounded_noise_.assign(count * family_.dimension, Real(0));
  std::ranges::transform(this->noise(), rounded_noise_.begin(),
                         [](double x) { return static_cast<Real>(x); });
}

template <class Real>
void QuadraticKernel<Real>::advance(const Steps<Real>& steps, TileState<Real>& tile) {
  if (!this->is_plain()) return StepwiseKernel<Real>::advance(steps, tile);
  this->code().descend_quadratic(family_, steps, rounded_noise_.data(), tile.iterates.data());
}

template class QuadraticKernel<double>;
template class QuadraticKernel<float>;

}  // namespace rhosweep::sgd
