#pragma once

// Steps on a ball for the objectives (λ/2)‖x‖² and λ‖x‖₁, whose gradients are computed coordinate by
// coordinate.

#include "columns.hpp"
#include "norms.hpp"

namespace rhosweep::sgd::RHOSWEEP_VECTOR_UNIT {

namespace {

/// The step x − η (λ x + noise).
template <class Real>
struct ProportionalStep {
  Pack<Real> coefficient;
  Pack<Real> opposite_noise;

  ProportionalStep(Real coefficient, Real noise)
      : coefficient(broadcast(coefficient)), opposite_noise(broadcast(-noise)) {}

  Pack<Real> operator()(Pack<Real> eta, Pack<Real> x) const {
    return fma(negated_fma(eta, coefficient, broadcast(Real(1))), x, eta * opposite_noise);
  }
};

/// The step x − η (λ sign(x) + noise).
template <class Real>
struct SignStep {
  Pack<Real> above;   ///< the gradient where x > 0
  Pack<Real> below;   ///< the gradient where x < 0
  Pack<Real> centre;  ///< the gradient where x = 0

  SignStep(Real coefficient, Real noise)
      : above(broadcast(coefficient + noise)),
        below(broadcast(noise - coefficient)),
        centre(broadcast(noise)) {}

  Pack<Real> operator()(Pack<Real> eta, Pack<Real> x) const {
    const auto zero = broadcast(Real(0));
    // NaN is neither above nor below 0, so it falls through to fma and stays NaN.
    const auto g = choose_above(x, zero, above, choose_above(zero, x, below, fma(x, zero, centre)));
    return negated_fma(eta, g, x);
  }
};

/// Runs a chunk of steps in one dimension, where the ball is an interval and all iterates stay in registers.
/// A lane whose x² overflows becomes NaN at the end of the chunk. In more dimensions, a lane whose norm
/// overflows becomes NaN.
template <template <class> class Step, class Real>
void descend_on_interval(const BallFamily<Real>& family, const Steps<Real>& steps, const Real* noise,
                         Real* iterates) {
  constexpr int width = Pack<Real>::width;
  const auto upper = broadcast(family.radius);
  const auto lower = broadcast(-family.radius);
  const auto zero = broadcast(Real(0));
  Column<Real> x;
  Column<Real> overflow;  // 0, or NaN after an overflow
  load_column(iterates, x);
  for (auto& each : overflow) each = zero;
  const Real* stepsizes = steps.stepsizes;
  for (std::int64_t k = 0; k < steps.count; ++k, stepsizes += lanes) {
    const Step<Real> step(family.coefficient, noise[k]);
#pragma GCC unroll 8
    for (int p = 0; p < packs_per_tile<Real>; ++p) {
      const auto moved = step(load(stepsizes + p * width), x[p]);
      overflow[p] = fma(moved * moved, zero, overflow[p]);
      x[p] = min(upper, max(lower, moved));
    }
  }
  for (int p = 0; p < packs_per_tile<Real>; ++p) store(iterates + p * width, x[p] + overflow[p]);
}

/// Runs a chunk of steps for one pack of lanes after another.
template <template <class> class Step, class Real>
void descend_on_ball(const BallFamily<Real>& family, const Steps<Real>& steps, const Real* noise,
                     Real* iterates) {
  if (family.dimension == 1) return descend_on_interval<Step>(family, steps, noise, iterates);
  const auto radius = broadcast(family.radius);
  const auto square_radius = radius * radius;
  const std::int64_t end = family.dimension * lanes;
  for (int lane = 0; lane < lanes; lane += Pack<Real>::width) {
    for (std::int64_t k = 0; k < steps.count; ++k) {
      const auto eta = load(steps.stepsizes + k * lanes + lane);
      auto squares = broadcast(Real(0));
      const Real* own_noise = noise + k * family.dimension;
      for (std::int64_t j = lane; j < end; j += lanes) {
        const auto x = Step<Real>(family.coefficient, *own_noise++)(eta, load(iterates + j));
        squares = fma(x, x, squares);
        store(iterates + j, x);
      }
      if (!any_above(squares, square_radius)) continue;
      const auto scale = scale_onto_ball(squares, radius);
      for (std::int64_t j = lane; j < end; j += lanes) store(iterates + j, scale * load(iterates + j));
    }
  }
}

template <class Real>
void descend_on_ball(const BallFamily<Real>& family, const Steps<Real>& steps, const Real* noise,
                     Real* iterates) {
  if (family.shape == problem::SlopeShape::proportional)
    return descend_on_ball<ProportionalStep>(family, steps, noise, iterates);
  descend_on_ball<SignStep>(family, steps, noise, iterates);
}

}  // namespace

}  // namespace rhosweep::sgd::RHOSWEEP_VECTOR_UNIT
