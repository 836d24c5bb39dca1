#pragma once

#include <optional>
#include <span>
#include <string>

namespace rhosweep::model {

/// A measured quantity of a trial.
struct Metric {
  std::string name;       ///< as in the results file, e.g. "train_loss"
  std::string long_name;  ///< description for people and plots
  std::string units;      ///< CF units; "1" for a pure number
  double diverged;        ///< the value of a diverged trial: the worst possible one
  /// The greatest possible value if more is better; empty if less is better. The error of such a metric is
  /// the distance from this value.
  std::optional<double> at_most = {};
};

/// Returns a metric's value as a quantity to minimise: the value, or its distance from the greatest possible
/// one if more is better. The function is its own inverse.
/// @param at_most Metric::at_most
inline double as_cost(double value, const std::optional<double>& at_most) {
  return at_most ? *at_most - value : value;
}

namespace metrics {
/// The objective, regulariser included. Every problem has this metric.
extern const Metric train_loss;
/// train_loss − f_star.
extern const Metric excess_loss;
/// Mean loss on held-out data, without the regulariser.
extern const Metric test_loss;
extern const Metric train_accuracy;
extern const Metric test_accuracy;
/// Euclidean distance to the minimiser.
extern const Metric distance;

/// Returns all metrics that built-in problems may have.
std::span<const Metric> all();
}  // namespace metrics

}  // namespace rhosweep::model
