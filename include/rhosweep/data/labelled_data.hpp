#pragma once

#include "rhosweep/data/data_source.hpp"
#include "rhosweep/data/file_data.hpp"
#include "rhosweep/model/key_spec.hpp"
#include "rhosweep/model/problem_settings.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace rhosweep::data {

/// Default values of the keys for synthetic labels.
inline constexpr double default_noise = 0.5;
inline constexpr double default_flip_probability = 0.1;
inline constexpr std::int64_t default_classes = 10;

/// Training and held-out samples of a problem with labels.
struct LabelledData {
  DataSource train;
  std::optional<DataSource> test;

  /// Returns the sources, the training samples first.
  std::vector<DataSource> sources() const;
};

/// Returns the keys that describe the samples, without the keys that label_keys() returns.
std::vector<model::KeySpec> data_keys();

/// Returns the keys for synthetic labels.
std::vector<model::KeySpec> label_keys(Labels labels);

/// Throws model::KeyError if the keys that describe the samples contradict each other.
void check_data(const model::ProblemSettings& settings);

/// Returns the sources of the data that the keys describe, files or synthetic samples. Does not read or draw
/// any samples yet.
LabelledData labelled_data(Labels labels, const model::ProblemSettings& settings, model::Precision precision);

/// Returns the number of classes. For a file, this function counts the classes in the training labels, which
/// contain every class.
std::int64_t count_classes(const model::ProblemSettings& settings, const Dataset& train);

}  // namespace rhosweep::data
