#include "stepwise_kernel.hpp"

namespace rhosweep::sgd {

template <class Real>
StepwiseKernel<Real>::StepwiseKernel(const problem::Problem& problem, const model::SgdSettings& sgd)
    : code_(vector_code<Real>()),
      radius_(static_cast<Real>(problem.radius())),
      optimizer_(sgd),
      average_(sgd.iterate == model::Iterate::average),
      gradients_(problem.dimension()) {}

template <class Real>
void StepwiseKernel<Real>::advance(const Steps<Real>& steps, TileState<Real>& tile) {
  const std::int64_t dimension = tile.iterates.columns();
  for (std::int64_t k = 0; k < steps.count; ++k) {
    const Real* const eta = steps.stepsizes + k * lanes;
    if (optimizer_.is_plain()) {
      descend(k, eta, tile.iterates);
      if (radius_ > Real(0)) code_.project(radius_, dimension, tile.iterates.data());
    } else {
      gradient(k, tile.iterates, gradients_);
      optimizer_.take_step(steps.first + k, eta, gradients_.data(), radius_, tile);
    }
    if (average_) {
      const Real weight = Real(1) / static_cast<Real>(steps.first + k + 1);
      code_.average(weight, dimension, tile.iterates.data(), tile.average.data());
    }
  }
}

template <class Real>
void StepwiseKernel<Real>::descend(std::int64_t k, const Real* stepsizes, Tile<Real>& iterates) {
  gradient(k, iterates, gradients_);
  code_.descend(iterates.columns(), stepsizes, gradients_.data(), iterates.data());
}

template class StepwiseKernel<double>;
template class StepwiseKernel<float>;

}  // namespace rhosweep::sgd
