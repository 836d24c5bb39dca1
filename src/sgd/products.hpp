#pragma once

#include "tile.hpp"

#include "rhosweep/problem/dataset.hpp"

#include <cstdint>

namespace rhosweep::sgd {

/// The two products of a linear model, for one tile of trials. Sums run over features (scores) or samples
/// (outer products) in their natural order and in the same way for every lane, so a trial's bits depend
/// neither on its lane nor on the machine's cache sizes.

template <class Real>
using Columns = Eigen::Ref<typename Tile<Real>::Array>;
template <class Real>
using ConstColumns = Eigen::Ref<const typename Tile<Real>::Array>;

/// Lanes that are worked on at once: few enough for the sums to stay in registers.
template <class Real>
inline constexpr int register_lanes = 64 / static_cast<int>(sizeof(Real));

/// scores.col(b) = W x_b for `count` dense samples x_b of consecutive memory.
template <int count, class Real, class Scores>
void score_dense_group(const ConstColumns<Real>& iterates, const Real* samples, Scores&& scores) {
  constexpr int lanes = register_lanes<Real>;
  const std::int64_t dimension = iterates.cols();
  for (int lane = 0; lane < tile_width; lane += lanes) {
    Eigen::Array<Real, lanes, 1> sums[count];
    for (auto& sum : sums) sum.setZero();
    for (std::int64_t j = 0; j < dimension; ++j) {
      const Eigen::Array<Real, lanes, 1> weights = iterates.col(j).template segment<lanes>(lane);
      for (int b = 0; b < count; ++b) sums[b] += weights * samples[b * dimension + j];
    }
    for (int b = 0; b < count; ++b) scores.col(b).template segment<lanes>(lane) = sums[b];
  }
}

/// scores.col(b) = W x_b for the columns of `scores`.
template <class Real>
void score_dense(const ConstColumns<Real>& iterates, const Real* samples, Columns<Real> scores) {
  const std::int64_t dimension = iterates.cols();
  std::int64_t b = 0;
  for (; b + 2 <= scores.cols(); b += 2)
    score_dense_group<2, Real>(iterates, samples + b * dimension, scores.middleCols(b, 2));
  if (b < scores.cols())
    score_dense_group<1, Real>(iterates, samples + b * dimension, scores.middleCols(b, 1));
}

/// target += Σ_b factors.col(b) x_bᵀ over the columns of `factors`.
template <class Real>
void add_outer_dense(const ConstColumns<Real>& factors, const Real* samples, Columns<Real> target) {
  constexpr int lanes = register_lanes<Real>;
  const std::int64_t dimension = target.cols();
  for (int lane = 0; lane < tile_width; lane += lanes) {
    for (std::int64_t j = 0; j < dimension; ++j) {
      Eigen::Array<Real, lanes, 1> sum = target.col(j).template segment<lanes>(lane);
      for (std::int64_t b = 0; b < factors.cols(); ++b)
        sum += factors.col(b).template segment<lanes>(lane) * samples[b * dimension + j];
      target.col(j).template segment<lanes>(lane) = sum;
    }
  }
}

/// scores = W x for one sparse sample.
template <class Real>
Lanes<Real> score_sparse(const ConstColumns<Real>& iterates,
                         const problem::Dataset::SparseRow<Real>& sample) {
  Lanes<Real> sum = Lanes<Real>::Zero();
  for (std::size_t i = 0; i < sample.columns.size(); ++i)
    sum += iterates.col(sample.columns[i]) * sample.values[i];
  return sum;
}

/// target += factors xᵀ for one sparse sample.
template <class Real, class Factors>
void add_outer_sparse(const Factors& factors, const problem::Dataset::SparseRow<Real>& sample,
                      Columns<Real> target) {
  for (std::size_t i = 0; i < sample.columns.size(); ++i)
    target.col(sample.columns[i]) += factors * sample.values[i];
}

}  // namespace rhosweep::sgd
