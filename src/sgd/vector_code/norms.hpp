#pragma once

// Norms of iterates and the projection onto a ball.

#include "columns.hpp"

namespace rhosweep::sgd::RHOSWEEP_VECTOR_UNIT {

namespace {

/// Returns the factor that scales each lane back onto the ball. It is 1 if the lane is in the ball, and NaN
/// if the squared norm overflows, so that the trial diverges.
template <class Real>
Pack<Real> scale_onto_ball(Pack<Real> squares, Pack<Real> radius) {
  const auto largest = broadcast(sizeof(Real) == sizeof(double) ? Real(__DBL_MAX__) : Real(__FLT_MAX__));
  const auto scale = choose_above(squares, radius * radius, radius / root(squares), broadcast(Real(1)));
  return choose_above(squares, largest, broadcast(Real(__builtin_nan(""))), scale);
}

/// squares ← ‖w‖² of every lane.
template <class Real>
void sum_squares(std::int64_t dimension, const Real* iterates, Column<Real>& squares) {
  sum_over_columns<Real>(dimension, squares, [&](std::int64_t at, Pack<Real>& sum) {
    const auto w = load(iterates + at);
    sum = fma(w, w, sum);
  });
}

template <class Real>
void square_norms(std::int64_t dimension, const Real* a, Real* squares) {
  Column<Real> sums;
  sum_squares(dimension, a, sums);
  store_column<Real>(sums, squares);
}

template <class Real>
void square_distances(std::int64_t dimension, const Real* a, const Real* b, Real* squares) {
  Column<Real> sums;
  sum_over_columns<Real>(dimension, sums, [&](std::int64_t at, Pack<Real>& sum) {
    const auto difference = load(a + at) - load(b + at);
    sum = fma(difference, difference, sum);
  });
  store_column<Real>(sums, squares);
}

template <class Real>
void project(Real radius, std::int64_t dimension, Real* iterates) {
  const auto limit = broadcast(radius);
  Column<Real> scale;
  sum_squares(dimension, iterates, scale);
  bool any = false;
  for (auto& square : scale) any = any_above(square, limit * limit) || any;
  if (!any) return;
  for (auto& square : scale) square = scale_onto_ball(square, limit);
  for_each_pack<Real>(dimension,
                      [&](std::int64_t at, int p) { store(iterates + at, scale[p] * load(iterates + at)); });
}

}  // namespace

}  // namespace rhosweep::sgd::RHOSWEEP_VECTOR_UNIT
