#pragma once

#include "vector_code.hpp"

#include "rhosweep/problem/dataset.hpp"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <ranges>
#include <vector>

namespace rhosweep::sgd {

template <class Real>
SparseSample<Real> sparse_sample(const problem::Dataset& data, std::int64_t i) {
  const auto row = data.sparse_row<Real>(i);
  return {row.columns.data(), row.values.data(), std::ssize(row.columns)};
}

/// Where the samples of mini-batches or of a pass are: their labels, and the rows of dense samples or of
/// sparse ones.
template <class Real>
struct DrawnSamples {
  std::vector<Real> labels;
  std::vector<const Real*> dense;
  std::vector<SparseSample<Real>> sparse;  ///< in place of dense

  template <std::ranges::sized_range Indices>
  void find(const problem::Dataset& data, const Indices& indices) {
    const auto all_labels = data.labels<Real>();
    const auto fill = [&](auto& list, const auto& at) {
      list.resize(std::ranges::size(indices));
      std::ranges::transform(indices, list.begin(), at);
    };
    fill(labels, [&](std::int64_t i) { return all_labels[i]; });
    if (data.storage() == problem::Dataset::Storage::sparse) {
      fill(sparse, [&](std::int64_t i) { return sparse_sample<Real>(data, i); });
    } else {
      const Real* const first = data.dense_row<Real>(0);
      const std::int64_t features = data.features();
      fill(dense, [&](std::int64_t i) { return first + i * features; });
    }
  }
};

}  // namespace rhosweep::sgd
