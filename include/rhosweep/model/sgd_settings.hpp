#pragma once

#include "rhosweep/model/key_spec.hpp"

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace rhosweep::model {

/// How a step is computed from the gradient g. Optimizers with weight decay λ first multiply w by 1 −
/// η·h_t·λ. The optimizers dog and prodigy need no tuned stepsize: η·h_t multiplies a stepsize that they
/// estimate, and the nominal η is 1.
enum class Optimizer {
  sgd,            ///< along g or, with momentum, along a weighted sum of the gradients
  adamw,          ///< Loshchilov & Hutter, arXiv 1711.05101, as in PyTorch
  sign_momentum,  ///< Lion: Chen et al., arXiv 2302.06675, algorithm 2
  dog,      ///< Ivgi, Hinder & Carmon, arXiv 2302.12022: stepsize (largest ‖w − w_0‖)/√(Σ‖g‖²)
  prodigy,  ///< Mishchenko & Defazio, arXiv 2306.06101, the Adam version
  schedule_free  ///< Defazio et al., arXiv 2405.15682: SGD with averaged iterates
};
/// How the samples of a step are drawn; full_batch takes all samples of the data set.
enum class Sampling { with_replacement, shuffle, full_batch };
/// The precision of iterates, gradients and data.
enum class Precision { float64, float32 };
/// Whether metrics are taken at the last iterate or at the running average of all iterates.
enum class Iterate { last, average };

/// The section [sgd] at one axes point.
struct SgdSettings {
  std::int64_t steps = 0;                          ///< T ≥ 1
  std::int64_t batch_size = 1;                     ///< samples per step, ≥ 1; ignored by full_batch
  Sampling sampling = Sampling::with_replacement;  ///< how the samples of a step are drawn
  Optimizer optimizer = Optimizer::sgd;
  double momentum = 0.0;      ///< μ in [0, 1); only for sgd
  bool nesterov = false;      ///< only for sgd
  double beta1 = 0.0;         ///< β₁ in [0, 1); for adamw, sign_momentum and prodigy
  double beta2 = 0.0;         ///< β₂ in [0, 1); for adamw, sign_momentum and prodigy
  double epsilon = 0.0;       ///< ε > 0; for adamw and prodigy
  double weight_decay = 0.0;  ///< λ ≥ 0; for adamw and sign_momentum
  double r_epsilon = 0.0;     ///< > 0; for dog: the first distance is r_epsilon·(1 + ‖w_0‖)
  double d0 = 0.0;  ///< > 0; for prodigy: the first estimate of the distance from w_0 to the minimiser
  /// β in [0, 1]; for schedule_free, which takes gradients at (1 − β)·z + β·x: z moves by the steps, and x is
  /// the running average of z.
  double beta = 0.0;
  Precision precision = Precision::float64;
  std::int64_t evaluations = 8;     ///< points of the learning curve, at most steps
  Iterate iterate = Iterate::last;  ///< where metrics are taken; for schedule_free always at its average x

  bool operator==(const SgdSettings&) const = default;
};

/// All optimizers, sgd first.
std::span<const Optimizer> optimizers();

/// Returns the name of an optimizer in a sweep file.
std::string name_of(Optimizer optimizer);
/// Describes an optimizer in one line.
std::string summary_of(Optimizer optimizer);
std::string name_of(Precision precision);

/// Returns the keys that [sgd] has with an optimizer, with that optimizer's defaults.
std::span<const KeySpec> sgd_keys(Optimizer optimizer = Optimizer::sgd);

/// Converts the values of the keys of [sgd] to settings. A key without a value keeps the default of
/// SgdSettings.
/// @pre every value is allowed by its key
SgdSettings to_sgd_settings(const std::map<std::string, Value>& values);

/// Returns the values of the keys of [sgd], by name. Keys that only other optimizers have get their defaults.
std::map<std::string, Value> to_values(const SgdSettings& sgd);

/// Number of values that a trial stores per parameter: the iterate, the optimizer's state, the average.
std::int64_t numbers_kept(const SgdSettings& sgd);

/// Number of floating-point operations to update one parameter, without those that compute its gradient.
double update_work(const SgdSettings& sgd);

/// Returns the steps (numbers of updates done) at which the learning curve is evaluated. They increase
/// strictly, are geometric in [1, steps] as far as integers allow, and end with `steps`. With n =
/// `evaluations`, entry i = 0, …, n − 1 is max(i + 1, round(steps^(i / (n − 1)))).
/// @pre 1 ≤ evaluations ≤ steps
std::vector<std::int64_t> evaluation_steps(std::int64_t steps, std::int64_t evaluations);

}  // namespace rhosweep::model
