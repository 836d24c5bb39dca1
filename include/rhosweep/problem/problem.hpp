#pragma once

#include "rhosweep/model/metric.hpp"
#include "rhosweep/model/sgd_settings.hpp"
#include "rhosweep/optimum/minimiser.hpp"

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

namespace rhosweep::problem {

class LinearModel;
class Mlp;
class BallProblem;
class DirectProblem;

/// A problem as a member of its family: the room sgd has code of its own for each.
using Family = std::variant<const LinearModel*, const Mlp*, const BallProblem*, const DirectProblem*>;

/// What an objective is: its size, its constants, its metrics. How trials run on it in lockstep is the
/// business of the room sgd. Immutable; shared between blocks.
class Problem {
 public:
  virtual ~Problem() = default;

  virtual Family family() const = 0;

  /// Parameters of one trial.
  virtual std::int64_t dimension() const = 0;
  /// Training samples that mini-batches draw from; 0 if the gradient noise is drawn instead.
  virtual std::int64_t samples() const = 0;
  /// Iterates are projected onto the Euclidean ball of this radius around 0; 0: no projection.
  virtual double radius() const = 0;
  /// Where a trial starts, (dimension). The seed fixes a random one.
  virtual std::vector<double> initial_point(std::int64_t seed) const;

  /// What an evaluation measures, train_loss first.
  virtual const std::vector<model::Metric>& metrics() const = 0;
  /// The minimiser over the domain, nullptr if there is none or it is not known.
  virtual const optimum::Minimiser* minimiser() const = 0;

  /// Whether train_loss is convex, as the theory's bound needs it. No unless overridden.
  virtual bool is_convex() const { return false; }
  /// D of the theory: bounds the distance of any iterate to the minimiser. None without a bounded domain.
  virtual std::optional<double> diameter() const = 0;
  /// G of the theory: the expected squared norm of a stochastic gradient is at most G². None if unknown.
  virtual std::optional<double> gradient_bound() const = 0;

  /// Floating-point operations of one step and of one evaluation, per trial: for longest-first order and
  /// `plan`.
  virtual double step_work(const model::SgdSettings& sgd) const = 0;
  virtual double evaluation_work() const = 0;
};

}  // namespace rhosweep::problem
