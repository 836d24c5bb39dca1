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

/// Defaults of the keys of synthetic labels.
inline constexpr double default_noise = 0.5;
inline constexpr double default_flip_probability = 0.1;
inline constexpr std::int64_t default_classes = 10;

/// Training and held-out samples of a problem with labels.
struct LabelledData {
  DataSource train;
  std::optional<DataSource> test;

  /// Both, the training samples first.
  std::vector<DataSource> sources() const;
};

/// The keys that say where samples come from, but for those of their labels.
std::vector<model::KeySpec> data_keys();

/// The keys of synthetic labels.
std::vector<model::KeySpec> label_keys(Labels labels);

/// That keys of data go together: throws model::KeyError.
void check_data(const model::ProblemSettings& settings);

/// From files or synthetic, as the keys say. Reads and draws nothing yet.
LabelledData labelled_data(Labels labels, const model::ProblemSettings& settings, model::Precision precision);

/// How many classes the labels of such data are: those of a file all have training samples.
std::int64_t count_classes(const model::ProblemSettings& settings, const Dataset& train);

}  // namespace rhosweep::data
