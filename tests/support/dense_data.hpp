#pragma once

#include "rhosweep/data/dataset.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

/// Makes a dense data set from samples stored one after the other. The number of features is the number of
/// values divided by the number of labels.
inline std::shared_ptr<const rhosweep::data::Dataset> dense_data(
    const std::vector<double>& values, const std::vector<double>& labels,
    rhosweep::model::Precision precision = rhosweep::model::Precision::float64) {
  const std::size_t features = values.size() / labels.size();
  return std::make_shared<const rhosweep::data::Dataset>(rhosweep::data::Dataset::from_draws(
      std::ssize(labels), static_cast<std::int64_t>(features), precision,
      [&](std::int64_t i, std::span<double> row) {
        std::ranges::copy(std::span(values).subspan(i * features, features), row.begin());
        return labels[i];
      }));
}
