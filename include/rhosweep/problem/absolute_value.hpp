#pragma once

#include "rhosweep/problem/ball_problem.hpp"

#include <optional>

namespace rhosweep::problem {

/// slope·‖x‖₁/√dimension on a ball: convex, not smooth, Lipschitz with the constant `slope`.
class AbsoluteValue : public BallProblem {
 public:
  /// The member of the family.
  struct Settings {
    double slope = 1.0;   ///< > 0
    double radius = 1.0;  ///< > 0
    double noise = 1.0;   ///< norm of the gradient noise of one sample, ≥ 0
    std::int64_t dimension = 1;
    std::optional<double> gradient_bound = {};  ///< G, at least least_gradient_bound(); that if unset
  };

  explicit AbsoluteValue(const Settings& settings);

  /// √(slope² + noise²): the root of the mean squared gradient, for mini-batches of one sample and wherever
  /// no coordinate is 0.
  static double least_gradient_bound(const Settings& settings);

  SlopeShape shape() const override { return SlopeShape::sign; }
  /// Of one coordinate: slope/√dimension.
  double coefficient() const override { return coefficient_; }
  std::optional<double> gradient_bound() const override;

  /// The subgradient at 0 is 0, coordinate by coordinate.
  void gradient(const StepDraw& draw, ConstTrials<double> iterates, Trials<double> gradients) const override;
  void gradient(const StepDraw& draw, ConstTrials<float> iterates, Trials<float> gradients) const override;
  void evaluate(ConstTrials<double> iterates, Trials<double> values) const override;
  void evaluate(ConstTrials<float> iterates, Trials<double> values) const override;

 private:
  Settings settings_;
  double coefficient_;
};

}  // namespace rhosweep::problem
