#pragma once

// Iterates as a scale times a stored vector, for steps that shrink the whole iterate but change few numbers.

#include "norms.hpp"

namespace rhosweep::sgd::RHOSWEEP_VECTOR_UNIT {

namespace {

/// The least scale. A scale below it, or above its inverse, is multiplied into the stored vector before the
/// scale leaves the range of Real.
template <class Real>
constexpr Real least_scale = sizeof(Real) == sizeof(double) ? Real(0x1p-300) : Real(0x1p-50);

/// The iterates w of some lanes during a chunk, kept as a scale times a stored vector. The regulariser and
/// the projection then change one number per trial, and a step visits the vector only once.
template <int packs, class Real>
struct ScaledIterates {
  Pack<Real> scale[packs];    ///< w = scale · stored vector
  Pack<Real> squares[packs];  ///< ‖w‖²

  ScaledIterates() {
    for (auto& each : scale) each = broadcast(Real(1));
    for (auto& each : squares) each = broadcast(Real(0));
  }

  /// Recomputes ‖w‖² from the stored vector, whose columns are `stride` numbers apart. @pre all scales are 1
  void measure(std::int64_t dimension, int stride, const Real* iterates) {
    for (auto& each : squares) each = broadcast(Real(0));
    for (std::int64_t j = 0; j < dimension; ++j, iterates += stride) {
      for (int p = 0; p < packs; ++p) {
        const auto w = load(iterates + p * Pack<Real>::width);
        squares[p] = fma(w, w, squares[p]);
      }
    }
  }

  /// w ← factor · w for pack p
  void shrink(int p, Pack<Real> factor) {
    scale[p] = scale[p] * factor;
    squares[p] = squares[p] * (factor * factor);
  }

  /// w ← Π(w)
  void project(Pack<Real> radius) {
    for (int p = 0; p < packs; ++p) shrink(p, scale_onto_ball(squares[p], radius));
  }

  /// Multiplies scales that are beyond the limits of least_scale into the stored vector, and resets these
  /// scales to 1.
  void merge(std::int64_t dimension, int stride, Real* iterates) {
    const auto one = broadcast(Real(1));
    const auto zero = broadcast(Real(0));
    const auto least = broadcast(least_scale<Real>);
    const auto most = broadcast(Real(1) / least_scale<Real>);
    Pack<Real> factor[packs];
    bool any = false;
    for (int p = 0; p < packs; ++p) {
      const auto size = max(scale[p], zero - scale[p]);
      const auto room = min(size - least, most - size);  // negative where a scale must be merged
      factor[p] = choose_above(zero, room, scale[p], one);
      scale[p] = choose_above(zero, room, one, scale[p]);
      any = any || any_above(zero, room);
    }
    if (!any) return;
    for (std::int64_t j = 0; j < dimension; ++j, iterates += stride) {
      for (int p = 0; p < packs; ++p) {
        Real* const at = iterates + p * Pack<Real>::width;
        store(at, factor[p] * load(at));
      }
    }
  }
};

}  // namespace

}  // namespace rhosweep::sgd::RHOSWEEP_VECTOR_UNIT
