#pragma once

#include "rhosweep/problem/direct_problem.hpp"

#include <optional>

namespace rhosweep::problem {

/// (curvature/2)‖x‖² on the ball ‖x‖ ≤ radius, with gradient noise of fixed size: the worst case of the
/// theory for a family of curvatures. Starts on the sphere at radius·(1, …, 1)/√dimension; the minimiser is
/// 0.
class Quadratic : public DirectProblem {
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
  std::int64_t dimension() const override { return settings_.dimension; }
  std::int64_t samples() const override { return 0; }
  double radius() const override { return settings_.radius; }
  std::vector<double> initial_point(std::int64_t seed) const override;
  /// train_loss, excess_loss (the same numbers), distance.
  const std::vector<model::Metric>& metrics() const override { return metrics_; }
  const Minimiser* minimiser() const override { return &minimiser_; }
  bool is_convex() const override { return true; }
  /// The radius: the minimiser is the centre.
  std::optional<double> diameter() const override { return settings_.radius; }
  std::optional<double> gradient_bound() const override;
  double step_work(const model::SgdSettings& sgd) const override;
  double evaluation_work() const override;

  std::int64_t noise_size() const override { return settings_.dimension; }
  /// The mean over the mini-batch of noise/√dimension·(±1, …, ±1). The sign of sample b in coordinate j is
  /// bit number j·batch_size + b of the step: bit k is bit k mod 32 of word ⌊k/32⌋ mod 4 of lane ⌊k/128⌋ of
  /// core::Purpose::noise, and a set bit means +.
  void draw_noise(std::int64_t seed, std::int64_t step, std::int64_t batch_size,
                  std::span<double> noise) const override;

  void gradient(const StepDraw& draw, ConstTrials<double> iterates, Trials<double> gradients) const override;
  void gradient(const StepDraw& draw, ConstTrials<float> iterates, Trials<float> gradients) const override;
  void evaluate(ConstTrials<double> iterates, Trials<double> values) const override;
  void evaluate(ConstTrials<float> iterates, Trials<double> values) const override;

 private:
  Settings settings_;
  std::vector<model::Metric> metrics_;
  Minimiser minimiser_;
};

}  // namespace rhosweep::problem
