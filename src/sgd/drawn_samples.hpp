#pragma once

#include "vector_code.hpp"

#include "rhosweep/data/dataset.hpp"

#include <cstdint>
#include <iterator>
#include <span>
#include <vector>

namespace rhosweep::sgd {

template <class Real>
SparseSample<Real> sparse_sample(const data::Dataset& data, std::int64_t i) {
  const auto row = data.sparse_row<Real>(i);
  return {row.columns.data(), row.values.data(), std::ssize(row.columns)};
}

/// The labels of some samples, and pointers to the samples' dense or sparse rows.
template <class Real>
struct DrawnSamples {
  std::vector<Real> labels;
  std::vector<const Real*> dense;
  std::vector<SparseSample<Real>> sparse;  ///< for sparse data, instead of `dense`

  void find(const data::Dataset& data, std::span<const std::int64_t> indices) {
    find_all(data, std::ssize(indices), [&](std::int64_t i) { return indices[i]; });
  }
  /// Finds `count` consecutive samples, starting at `first`.
  void find(const data::Dataset& data, std::int64_t first, std::int64_t count) {
    find_all(data, count, [&](std::int64_t i) { return first + i; });
  }

 private:
  template <class IndexOf>
  void find_all(const data::Dataset& data, std::int64_t count, const IndexOf& index) {
    const auto all_labels = data.labels<Real>();
    const auto fill = [&](auto& list, const auto& at) {
      list.resize(count);
      for (std::int64_t i = 0; i < count; ++i) list[i] = at(index(i));
    };
    fill(labels, [&](std::int64_t i) { return all_labels[i]; });
    if (data.storage() == data::Dataset::Storage::sparse) {
      fill(sparse, [&](std::int64_t i) { return sparse_sample<Real>(data, i); });
    } else {
      const Real* const first = data.dense_row<Real>(0);
      const std::int64_t features = data.features();
      fill(dense, [&](std::int64_t i) { return first + i * features; });
    }
  }
};

}  // namespace rhosweep::sgd
