#pragma once

#include "rhosweep/problem/ball_problem.hpp"

#include <cstdint>
#include <optional>

namespace rhosweep::problem {

/// The objective slope·‖x‖₁/√dimension on a ball: convex, not smooth, Lipschitz with the constant `slope`.
class AbsoluteValue : public BallProblem {
 public:
  /// Parameters of the objective.
  struct Settings {
    double slope = 1.0;   ///< > 0
    double radius = 1.0;  ///< > 0
    double noise = 1.0;   ///< norm of the gradient noise of one sample, ≥ 0
    std::int64_t dimension = 1;
    std::optional<double> gradient_bound = {};  ///< G ≥ least_gradient_bound(), which is the default
  };

  explicit AbsoluteValue(const Settings& settings);

  /// Returns √(slope² + noise²), the root mean square of the gradient's norm with mini-batches of one sample,
  /// at points without a zero coordinate.
  static double least_gradient_bound(const Settings& settings);

  SlopeShape shape() const override { return SlopeShape::sign; }
  /// slope/√dimension, the slope of one coordinate.
  double coefficient() const override { return coefficient_; }
  std::optional<double> gradient_bound() const override;

  /// Coordinates that are 0 have the subgradient 0.
  void gradient(const StepDraw& draw, ConstTrials<double> iterates, Trials<double> gradients) const override;
  void gradient(const StepDraw& draw, ConstTrials<float> iterates, Trials<float> gradients) const override;
  void evaluate(ConstTrials<double> iterates, Trials<double> values) const override;
  void evaluate(ConstTrials<float> iterates, Trials<double> values) const override;

 private:
  Settings settings_;
  double coefficient_;
};

}  // namespace rhosweep::problem
