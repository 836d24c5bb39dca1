#pragma once

#include "tile.hpp"
#include "vector_code.hpp"

#include "rhosweep/problem/dataset.hpp"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <span>
#include <vector>

namespace rhosweep::sgd {

template <class Real>
SparseSample<Real> sparse_sample(const problem::Dataset& data, std::int64_t i) {
  const auto row = data.sparse_row<Real>(i);
  return {row.columns.data(), row.values.data(), std::ssize(row.columns)};
}

/// What the mini-batches of a chunk hold, next to each other: labels, and dense samples or places of sparse
/// ones.
template <class Real>
struct GatheredSamples {
  std::vector<Real> labels;
  AlignedArray<Real> dense;                ///< (samples × features)
  std::vector<SparseSample<Real>> sparse;  ///< in place of dense

  void gather(const problem::Dataset& data, std::span<const std::int64_t> indices) {
    const auto all_labels = data.labels<Real>();
    labels.resize(indices.size());
    std::ranges::transform(indices, labels.begin(), [&](std::int64_t i) { return all_labels[i]; });
    if (data.storage() == problem::Dataset::Storage::sparse) {
      sparse.resize(indices.size());
      std::ranges::transform(indices, sparse.begin(),
                             [&](std::int64_t i) { return sparse_sample<Real>(data, i); });
      return;
    }
    dense.reserve(std::ssize(indices) * data.features());
    Real* out = dense.data();
    for (const std::int64_t i : indices) out = std::copy_n(data.dense_row<Real>(i), data.features(), out);
  }
};

}  // namespace rhosweep::sgd
