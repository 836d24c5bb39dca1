#pragma once

#include "rhosweep/problem/ball_problem.hpp"

#include <optional>

namespace rhosweep::problem {

/// (curvature/2)‖x‖² on a ball: smooth.
class Quadratic : public BallProblem {
 public:
  /// The member of the family.
  struct Settings {
    double curvature = 1.0;  ///< λ > 0
    double radius = 1.0;     ///< > 0
    double noise = 1.0;      ///< norm of the gradient noise of one sample, ≥ 0
    std::int64_t dimension = 1;
    std::optional<double> gradient_bound = {};  ///< G, at least least_gradient_bound(); that if unset
  };

  explicit Quadratic(const Settings& settings);

  /// √(noise² + (curvature·radius)²): the root of the mean squared gradient on the sphere, which is the
  /// largest one for mini-batches of one sample.
  static double least_gradient_bound(const Settings& settings);

  double curvature() const { return settings_.curvature; }
  SlopeShape shape() const override { return SlopeShape::proportional; }
  double coefficient() const override { return settings_.curvature; }
  std::optional<double> gradient_bound() const override;

  void gradient(const StepDraw& draw, ConstTrials<double> iterates, Trials<double> gradients) const override;
  void gradient(const StepDraw& draw, ConstTrials<float> iterates, Trials<float> gradients) const override;
  void evaluate(ConstTrials<double> iterates, Trials<double> values) const override;
  void evaluate(ConstTrials<float> iterates, Trials<double> values) const override;

 private:
  Settings settings_;
};

}  // namespace rhosweep::problem
