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

/// A pointer to a problem, typed as its family: the class that determines which code of rhosweep::sgd runs
/// the trials.
using Family = std::variant<const LinearModel*, const Mlp*, const BallProblem*, const DirectProblem*>;

/// An objective: its size, its constants and its metrics. The namespace rhosweep::sgd runs trials on it in
/// lockstep. Immutable, and shared between blocks.
class Problem {
 public:
  virtual ~Problem() = default;

  /// Returns a pointer to this problem, with the type of the class in Family that the problem belongs to.
  virtual Family family() const = 0;

  /// Number of parameters of one trial.
  virtual std::int64_t dimension() const = 0;
  /// Number of training samples, from which mini-batches are drawn; 0 if the gradient noise is drawn instead.
  virtual std::int64_t samples() const = 0;
  /// Radius of the Euclidean ball around 0 onto which iterates are projected; 0: no projection.
  virtual double radius() const = 0;
  /// The initial point of a trial, shape (dimension). If the point is random, the seed determines it.
  virtual std::vector<double> initial_point(std::int64_t seed) const;

  /// The metrics of each evaluation, train_loss first.
  virtual const std::vector<model::Metric>& metrics() const = 0;
  /// The minimiser over the domain; nullptr if there is none or it is unknown.
  virtual const optimum::Minimiser* minimiser() const = 0;

  /// Whether train_loss is convex, which the theory's bound requires. The default is false.
  virtual bool is_convex() const { return false; }
  /// D of the theory, which bounds the distance of every iterate to the minimiser. Nullopt if the domain is
  /// unbounded.
  virtual std::optional<double> diameter() const = 0;
  /// G of the theory: the expected squared norm of a stochastic gradient is at most G². Nullopt if unknown.
  virtual std::optional<double> gradient_bound() const = 0;

  /// Number of floating-point operations of one step, per trial. This number determines the order of the
  /// blocks (longest first) and the predictions of `rhosweep plan`, but never a result.
  virtual double step_work(const model::SgdSettings& sgd) const = 0;
  /// Number of floating-point operations of one evaluation, per trial.
  virtual double evaluation_work() const = 0;
};

}  // namespace rhosweep::problem
