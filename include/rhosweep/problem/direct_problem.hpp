#pragma once

#include "rhosweep/problem/problem.hpp"

#include <cstdint>
#include <span>

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
  std::span<const std::int64_t> samples;  ///< (batch_size) indices; empty without data or with the full batch
  std::span<const double> noise;          ///< (noise_size); empty with the full batch
};

/// A problem that computes gradients and metrics itself, for many trials at once. What it computes for one
/// trial must not depend on the others.
class DirectProblem : public Problem {
 public:
  /// Random numbers that one step draws beside sample indices.
  virtual std::int64_t noise_size() const { return 0; }
  /// Draws them: a pure function of (seed, step, batch size). @param noise (noise_size), all written
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

}  // namespace rhosweep::problem
