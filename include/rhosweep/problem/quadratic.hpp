#pragma once

#include "rhosweep/problem/ball_problem.hpp"

#include <cstdint>
#include <optional>

namespace rhosweep::problem {

/// The objective (curvature/2)‖x‖² on a ball: convex and smooth.
class Quadratic : public BallProblem {
 public:
  /// Parameters of the objective.
  struct Settings {
    double curvature = 1.0;  ///< λ > 0
    double radius = 1.0;     ///< > 0
    double noise = 1.0;      ///< norm of the gradient noise of one sample, ≥ 0
    std::int64_t dimension = 1;
    std::optional<double> gradient_bound = {};  ///< G ≥ least_gradient_bound(), which is the default
  };

  explicit Quadratic(const Settings& settings);

  /// Returns √(noise² + (curvature·radius)²), the root mean square of the gradient's norm with mini-batches
  /// of one sample, at points on the sphere, where it is largest.
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
