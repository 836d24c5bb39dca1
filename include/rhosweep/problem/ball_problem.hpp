#pragma once

#include "rhosweep/problem/direct_problem.hpp"
#include "rhosweep/problem/slope_shape.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace rhosweep::problem {

/// An objective on the ball ‖x‖ ≤ radius with minimum 0 at the centre and gradient noise of fixed size. The
/// largest error over a family of such objectives, with different slopes or curvatures, is the theory's worst
/// case. Trials start at radius·(1, …, 1)/√dimension, on the sphere.
class BallProblem : public DirectProblem {
 public:
  struct Ball {
    double radius = 1.0;  ///< > 0
    double noise = 1.0;   ///< norm of the gradient noise of one sample, ≥ 0
    std::int64_t dimension = 1;
  };

  explicit BallProblem(const Ball& ball);

  /// Shape of the gradient without noise.
  virtual SlopeShape shape() const = 0;
  /// Coefficient of the gradient without noise, > 0.
  virtual double coefficient() const = 0;

  Family family() const override { return this; }
  std::int64_t dimension() const override { return ball_.dimension; }
  double radius() const override { return ball_.radius; }
  std::vector<double> initial_point(std::int64_t seed) const override;
  /// The metrics are train_loss, excess_loss (equal to train_loss) and distance.
  const std::vector<model::Metric>& metrics() const override { return metrics_; }
  const optimum::Minimiser* minimiser() const override { return &minimiser_; }
  bool is_convex() const override { return true; }
  /// The radius, since the minimiser is the centre of the ball.
  std::optional<double> diameter() const override { return ball_.radius; }
  double step_work(const model::SgdSettings& sgd) const override;
  double evaluation_work() const override;

  std::int64_t noise_size() const override { return ball_.dimension; }
  /// Draws the mean over the mini-batch of noise/√dimension·(±1, …, ±1). Random bit j·batch_size + b of the
  /// step gives the sign of sample b in coordinate j; a set bit means +. Random bit k of the step is bit k
  /// mod 32 of word ⌊k/32⌋ mod 4 in lane ⌊k/128⌋ of the core::RandomStream with core::Purpose::noise.
  void draw_noise(std::int64_t seed, std::int64_t step, std::int64_t batch_size,
                  std::span<double> noise) const override;

 private:
  Ball ball_;
  std::vector<model::Metric> metrics_;
  optimum::Minimiser minimiser_;
};

}  // namespace rhosweep::problem
