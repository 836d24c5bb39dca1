#pragma once

#include "rhosweep/model/key_spec.hpp"

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace rhosweep::model {

/// How a step follows from its gradient g; every one decays w by the factor 1 − η h_t λ first where it has λ.
enum class Optimizer {
  sgd,           ///< along g, or with momentum along its sum
  adamw,         ///< Loshchilov & Hutter, arXiv 1711.05101, as in PyTorch
  sign_momentum  ///< Lion: Chen et al., arXiv 2302.06675, algorithm 2
};
enum class Sampling { with_replacement, shuffle, full_batch };
enum class Precision { float64, float32 };
enum class Iterate { last, average };

/// The section [sgd] at one axes point.
struct SgdSettings {
  std::int64_t steps = 0;  ///< T ≥ 1
  std::int64_t batch_size = 1;
  Sampling sampling = Sampling::with_replacement;
  Optimizer optimizer = Optimizer::sgd;
  double momentum = 0.0;  ///< μ in [0, 1), of sgd alone, as nesterov is
  bool nesterov = false;
  double beta1 = 0.0;         ///< β₁ in [0, 1); this and what follows of the other optimizers
  double beta2 = 0.0;         ///< β₂ in [0, 1)
  double epsilon = 0.0;       ///< ε > 0, of adamw alone
  double weight_decay = 0.0;  ///< λ ≥ 0
  Precision precision = Precision::float64;
  std::int64_t evaluations = 8;  ///< points of the learning curve, at most steps
  Iterate iterate = Iterate::last;
};

/// Every optimizer, sgd first.
std::span<const Optimizer> optimizers();

/// The words that stand for them in a sweep file.
std::string name_of(Optimizer optimizer);
std::string name_of(Precision precision);

/// The keys of [sgd] that go with an optimizer, with its defaults.
std::span<const KeySpec> sgd_keys(Optimizer optimizer = Optimizer::sgd);

/// The settings that values of the keys stand for; a key without a value keeps its default.
/// @pre every value is allowed by its key
SgdSettings to_sgd_settings(const std::map<std::string, Value>& values);

/// Numbers that a trial keeps of each parameter: the iterate, what the optimizer remembers, the average.
std::int64_t numbers_kept(const SgdSettings& sgd);

/// Floating-point operations of the update of one parameter by its gradient.
double update_work(const SgdSettings& sgd);

/// The steps (numbers of updates done) at which the learning curve is evaluated: strictly increasing,
/// geometric in [1, steps] as far as integers allow, the last is steps. Entry i is max(i + 1, round(steps^(i
/// / (n − 1)))).
/// @pre 1 ≤ evaluations ≤ steps
std::vector<std::int64_t> evaluation_steps(std::int64_t steps, std::int64_t evaluations);

}  // namespace rhosweep::model
