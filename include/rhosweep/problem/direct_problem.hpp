#pragma once

#include "rhosweep/problem/problem.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <Eigen/Core>

namespace rhosweep::problem {

/// Parameters of trials in lockstep, shape (trials, dimension), column-major: the values of one parameter for
/// all trials are contiguous and fill the vector lanes.
template <class Real>
using Trials = Eigen::Ref<Eigen::Array<Real, Eigen::Dynamic, Eigen::Dynamic>>;
template <class Real>
using ConstTrials = Eigen::Ref<const Eigen::Array<Real, Eigen::Dynamic, Eigen::Dynamic>>;

/// The random draws of one step, shared by all trials of a block.
struct StepDraw {
  /// Indices of the samples in the mini-batch, shape (batch_size). With sampling "full_batch", these are all
  /// samples. Empty if the problem has no data.
  std::span<const std::int64_t> samples;
  std::span<const double> noise;  ///< shape (noise_size); empty with sampling "full_batch"
};

/// A problem that computes gradients and metrics itself, for many trials at once. The results of a trial must
/// not depend on the other trials. LockstepProblem is the shortest way to write such a problem.
class DirectProblem : public Problem {
 public:
  Family family() const override { return this; }
  /// The default is 0: no data.
  std::int64_t samples() const override { return 0; }
  /// The default is 0: no projection.
  double radius() const override { return 0.0; }
  /// The default is train_loss alone. With a minimiser, excess_loss may be added.
  const std::vector<model::Metric>& metrics() const override;
  /// The default is nullptr: unknown.
  const optimum::Minimiser* minimiser() const override { return nullptr; }
  /// The default is 2·radius with a projection, since this is the diameter of the ball; else nullopt.
  std::optional<double> diameter() const override;
  /// The default is nullopt: unknown. Then `grid.stepsize = "theory"` is an error.
  std::optional<double> gradient_bound() const override { return std::nullopt; }
  /// The default is proportional to the number of values that a step reads.
  double step_work(const model::SgdSettings& sgd) const override;
  /// The default is proportional to the number of values that an evaluation reads.
  double evaluation_work() const override;

  /// Number of random values that one step draws besides sample indices.
  virtual std::int64_t noise_size() const { return 0; }
  /// Draws the random values of a step into `noise`, shape (noise_size). Must write all values, as a pure
  /// function of (seed, step, batch size).
  virtual void draw_noise(std::int64_t seed, std::int64_t step, std::int64_t batch_size,
                          std::span<double> noise) const;

  /// Computes the stochastic gradient at the iterate of each trial. Both arrays have the same shape.
  virtual void gradient(const StepDraw& draw, ConstTrials<double> iterates,
                        Trials<double> gradients) const = 0;
  /// Computes the stochastic gradient in single precision.
  virtual void gradient(const StepDraw& draw, ConstTrials<float> iterates, Trials<float> gradients) const = 0;

  /// Computes the metrics of each trial into `values`, shape (trials, metrics), in the order of metrics().
  virtual void evaluate(ConstTrials<double> iterates, Trials<double> values) const = 0;
  /// Computes the metrics of iterates in single precision. The metrics are always in double precision.
  virtual void evaluate(ConstTrials<float> iterates, Trials<double> values) const = 0;
};

/// A direct problem whose arithmetic is written once for both precisions. The derived class has two
/// templates:
///
///     class Mine : public LockstepProblem<Mine> {
///      public:
///       std::int64_t dimension() const override;
///       // Both arrays have shape (trials, dimension). Must write all of `gradients`.
///       template <class Real>
///       void gradients_at(const StepDraw& draw, const ConstTrials<Real>& iterates,
///                         Trials<Real>& gradients) const;
///       // `iterates` has shape (trials, dimension), `values` (trials, metrics) in the order of metrics().
///       template <class Real>
///       void metrics_at(const ConstTrials<Real>& iterates, Trials<double>& values) const;
///     };
///
/// Operate on whole columns, each of which holds one parameter of all trials. Then the trials fill the vector
/// lanes and do not affect each other. All other functions have defaults. register_problem() makes the kind
/// known to sweep files.
/// @tparam Mine the derived class
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
