#pragma once

#include "rhosweep/data/dataset.hpp"
#include "rhosweep/data/synthetic.hpp"

#include <cmath>
#include <cstdint>
#include <iterator>
#include <memory>
#include <utility>

inline std::shared_ptr<const rhosweep::data::Dataset> share(rhosweep::data::Dataset set) {
  return std::make_shared<const rhosweep::data::Dataset>(std::move(set));
}

/// Returns synthetic two-class data.
inline std::shared_ptr<const rhosweep::data::Dataset> synthetic(std::int64_t samples,
                                                                std::int64_t dimension) {
  return share(rhosweep::data::synthetic_logistic({dimension, 1, 0.1}, rhosweep::data::SampleSet::training,
                                                  samples, rhosweep::model::Precision::float64));
}

/// Returns a fixed pseudo-random sparse data set with `per_row` of the features in each sample and noisy
/// labels.
inline rhosweep::data::Dataset::Rows sparse_rows(std::int64_t samples, std::int64_t features,
                                                 std::int64_t per_row) {
  rhosweep::data::Dataset::Rows rows;
  rows.features = features;
  for (std::int64_t i = 0; i < samples; ++i) {
    for (std::int64_t k = 0; k < per_row; ++k) {
      rows.columns.push_back(
          static_cast<std::int32_t>(k * (features / per_row) + i * (k + 3) % (features / per_row)));
      rows.values.push_back(std::sin(static_cast<double>(i * per_row + k)));
    }
    rows.offsets.push_back(std::ssize(rows.values));
    rows.labels.push_back(i * i % 7 < 3 ? 1.0 : -1.0);
  }
  return rows;
}
