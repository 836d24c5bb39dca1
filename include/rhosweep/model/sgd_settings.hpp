#pragma once

#include "rhosweep/model/key_spec.hpp"

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace rhosweep::model {

enum class Sampling { with_replacement, shuffle, full_batch };
enum class Precision { float64, float32 };
enum class Iterate { last, average };

/// The section [sgd] at one axes point.
struct SgdSettings {
  std::int64_t steps = 0;  ///< T ≥ 1
  std::int64_t batch_size = 1;
  Sampling sampling = Sampling::with_replacement;
  double momentum = 0.0;  ///< μ in [0, 1)
  bool nesterov = false;
  Precision precision = Precision::float64;
  std::int64_t evaluations = 8;  ///< points of the learning curve, at most steps
  Iterate iterate = Iterate::last;
};

/// The keys of [sgd].
std::span<const KeySpec> sgd_keys();

/// The settings that values of the keys stand for; a key without a value keeps its default.
/// @pre every value is allowed by its key
SgdSettings to_sgd_settings(const std::map<std::string, Value>& values);

/// The steps (numbers of updates done) at which the learning curve is evaluated: strictly increasing,
/// geometric in [1, steps] as far as integers allow, the last is steps. Entry i is max(i + 1, round(steps^(i
/// / (n − 1)))).
/// @pre 1 ≤ evaluations ≤ steps
std::vector<std::int64_t> evaluation_steps(std::int64_t steps, std::int64_t evaluations);

}  // namespace rhosweep::model
