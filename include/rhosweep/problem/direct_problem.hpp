#pragma once

#include "rhosweep/problem/problem.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <Eigen/Core>

namespace rhosweep::problem {

/// Trials in lockstep, (trials, dimension), column-major: the trials are contiguous and fill the vector
/// lanes.
template <class Real>
using Trials = Eigen::Ref<Eigen::Array<Real, Eigen::Dynamic, Eigen::Dynamic>>;
template <class Real>
using ConstTrials = Eigen::Ref<const Eigen::Array<Real, Eigen::Dynamic, Eigen::Dynamic>>;

/// What one step draws, shared by all trials of a block.
struct StepDraw {
  /// Indices of the mini-batch, (batch_size); every sample with the full batch; empty without data.
  std::span<const std::int64_t> samples;
  std::span<const double> noise;  ///< (noise_size); empty with the full batch
};

/// A problem that computes gradients and metrics itself, for many trials at once. What it computes for one
/// trial must not depend on the others. The shortest way to one is LockstepProblem.
class DirectProblem : public Problem {
 public:
  Family family() const override { return this; }
  /// None unless overridden.
  std::int64_t samples() const override { return 0; }
  /// No projection unless overridden.
  double radius() const override { return 0.0; }
  /// train_loss alone unless overridden. With a minimiser, excess_loss may stand beside it.
  const std::vector<model::Metric>& metrics() const override;
  /// Not known unless overridden.
  const optimum::Minimiser* minimiser() const override { return nullptr; }
  /// 2·radius with a projection, as no two points of the ball are farther apart; else none.
  std::optional<double> diameter() const override;
  /// Not known unless overridden: then `grid.stepsize = "theory"` is an error.
  std::optional<double> gradient_bound() const override { return std::nullopt; }
  /// In proportion to the numbers that a step reads, unless overridden.
  double step_work(const model::SgdSettings& sgd) const override;
  /// In proportion to the numbers that an evaluation reads, unless overridden.
  double evaluation_work() const override;

  /// Random numbers that one step draws beside sample indices.
  virtual std::int64_t noise_size() const { return 0; }
  /// Draws them into `noise`, (noise_size), all of it: a pure function of (seed, step, batch size).
  virtual void draw_noise(std::int64_t seed, std::int64_t step, std::int64_t batch_size,
                          std::span<double> noise) const;

  /// The stochastic gradient at every trial's iterate; both of the same shape.
  virtual void gradient(const StepDraw& draw, ConstTrials<double> iterates,
                        Trials<double> gradients) const = 0;
  virtual void gradient(const StepDraw& draw, ConstTrials<float> iterates, Trials<float> gradients) const = 0;

  /// The metrics of every trial, (trials, metrics) in the order of metrics().
  virtual void evaluate(ConstTrials<double> iterates, Trials<double> values) const = 0;
  virtual void evaluate(ConstTrials<float> iterates, Trials<double> values) const = 0;
};

/// A direct problem whose arithmetic is written once for both precisions, as two templates of the class that
/// derives from it:
///
///     class Mine : public LockstepProblem<Mine> {
///      public:
///       std::int64_t dimension() const override;
///       // Both (trials, dimension); `gradients` is to be written in full.
///       template <class Real>
///       void gradients_at(const StepDraw& draw, const ConstTrials<Real>& iterates,
///                         Trials<Real>& gradients) const;
///       // (trials, dimension) and (trials, metrics), in the order of metrics().
///       template <class Real>
///       void metrics_at(const ConstTrials<Real>& iterates, Trials<double>& values) const;
///     };
///
/// Work on whole columns, which hold one parameter of every trial: so the trials fill the vector lanes and
/// stay apart. Everything else has a default. register_problem() makes the kind known to sweep files.
/// @tparam Mine the class that derives
template <class Mine>
class LockstepProblem : public DirectProblem {
 public:
  void gradient(const StepDraw& draw, ConstTrials<double> iterates, Trials<double> gradients) const override {
    mine().template gradients_at<double>(draw, iterates, gradients);
  }
  void gradient(const StepDraw& draw, ConstTrials<float> iterates, Trials<float> gradients) const override {
    mine().template gradients_at<float>(draw, iterates, gradients);
  }
  void evaluate(ConstTrials<double> iterates, Trials<double> values) const override {
    mine().template metrics_at<double>(iterates, values);
  }
  void evaluate(ConstTrials<float> iterates, Trials<double> values) const override {
    mine().template metrics_at<float>(iterates, values);
  }

 private:
  const Mine& mine() const { return static_cast<const Mine&>(*this); }
};

}  // namespace rhosweep::problem
