#pragma once

#include "rhosweep/model/key_spec.hpp"

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace rhosweep::model {

/// How a step follows from its gradient g; every one decays w by the factor 1 − η h_t λ first where it has λ.
/// The last three need no tuned stepsize: η h_t multiplies what they find themselves, and is nominally 1 with
/// dog and prodigy.
enum class Optimizer {
  sgd,            ///< along g, or with momentum along its sum
  adamw,          ///< Loshchilov & Hutter, arXiv 1711.05101, as in PyTorch
  sign_momentum,  ///< Lion: Chen et al., arXiv 2302.06675, algorithm 2
  dog,      ///< Ivgi, Hinder & Carmon, arXiv 2302.12022: the distance from w_0 over the norm of all gradients
  prodigy,  ///< Mishchenko & Defazio, arXiv 2306.06101, the Adam version
  schedule_free  ///< Defazio et al., arXiv 2405.15682: SGD, its iterates averaged
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
  double epsilon = 0.0;       ///< ε > 0, of adamw and prodigy
  double weight_decay = 0.0;  ///< λ ≥ 0
  double r_epsilon = 0.0;     ///< > 0, of dog: the first distance is r_epsilon (1 + ‖w_0‖)
  double d0 = 0.0;            ///< > 0, of prodigy: the first estimate of the distance
  double beta = 0.0;          ///< β in [0, 1], of schedule_free: gradients are taken at (1 − β) z + β x
  Precision precision = Precision::float64;
  std::int64_t evaluations = 8;     ///< points of the learning curve, at most steps
  Iterate iterate = Iterate::last;  ///< schedule_free is always measured at its average x
};

/// Every optimizer, sgd first.
std::span<const Optimizer> optimizers();

/// The words that stand for them in a sweep file.
std::string name_of(Optimizer optimizer);
/// What it does, in a line.
std::string summary_of(Optimizer optimizer);
std::string name_of(Precision precision);

/// The keys of [sgd] that go with an optimizer, with its defaults.
std::span<const KeySpec> sgd_keys(Optimizer optimizer = Optimizer::sgd);

/// The settings that values of the keys stand for; a key without a value keeps its default.
/// @pre every value is allowed by its key
SgdSettings to_sgd_settings(const std::map<std::string, Value>& values);

/// The values of the keys of [sgd], by name; those of other optimizers at their defaults.
std::map<std::string, Value> to_values(const SgdSettings& sgd);

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
