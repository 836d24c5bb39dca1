#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace rhosweep::analysis {

/// The smooth local model of a schedule's cost: a local quadratic (Cleveland 1979) of log e against log ρ,
/// with tricube weights.
struct ValleyOptions {
  double half_width = 1.15;         ///< of the window, in log ρ; tricube weights halve what it holds
  std::int64_t least_points = 6;    ///< the window grows until it holds so many
  std::int64_t lattice_points = 8;  ///< of the model per step of the grid
};

/// What lies beyond the last finite cost on a side of the valley.
enum class Bound {
  sweep,    ///< the end of the sweep
  diverged  ///< a ρ at which the statistic is +∞, or so much larger than at the one before that it will be
};

/// The model of one curve, on a lattice that is uniform in log ρ, from the last finite cost below the optimum
/// to the last one above it. Between lattice points e is linear.
struct Valley {
  double log_rho_first = 0.0;
  double log_rho_step = 0.0;   ///< of the lattice
  std::vector<double> rise{};  ///< (lattice): e over its least value, minus 1
  Bound below = Bound::sweep;
  Bound above = Bound::sweep;
  double log_rho = 0.0;    ///< of the optimum, between the grid's points
  double least = 0.0;      ///< e there
  bool is_at_end = false;  ///< the optimum is the first or the last of the lattice

  double width() const { return log_rho_step * static_cast<double>(rise.size() - 1); }
};

/// Fits curves over one grid of ρ. The fit is linear in log e for a given set of finite points, so its
/// weights are computed once for each set.
class ValleyModel {
 public:
  /// @param rhos increasing, positive
  explicit ValleyModel(std::span<const double> rhos, ValleyOptions options = {});
  ~ValleyModel();
  ValleyModel(const ValleyModel&) = delete;
  ValleyModel& operator=(const ValleyModel&) = delete;

  /// @param errors (ρ): e, +∞ where a trial has diverged, NaN where one is missing. Points where e is not
  /// positive are left out.
  /// @return nothing if fewer than four neighbouring points are finite around the least one
  std::optional<Valley> fit(std::span<const double> errors) const;

  /// (ρ): leave-one-out residuals of log e, (log e − fit)/(1 − own weight); NaN at points that are not in the
  /// fit.
  std::vector<double> residuals(std::span<const double> errors) const;

  /// Places of the points where the model lies at most `level` above its least value, in units of that value.
  std::vector<std::int64_t> points_below(std::span<const double> errors, double level) const;

  /// Root mean square of the residuals over points_below(); NaN if there are none.
  double residual(std::span<const double> errors, double level) const;

  /// The largest ratio of neighbouring finite ρ of which one is among points_below(), or between which the
  /// optimum lies; NaN without a model.
  double coarsest_step(std::span<const double> errors, double level) const;

  /// log e of the model at a log ρ between the ends of the fit's points. @return nothing as in fit()
  std::optional<double> log_at(std::span<const double> errors, double log_rho) const;

  /// The model's weights of log e at a log ρ, (ρ): they sum to 1, and are zero at points that are not in the
  /// fit. Empty as in fit().
  std::vector<double> weights_at(std::span<const double> errors, double log_rho) const;

  const std::vector<double>& log_rhos() const { return x_; }

 private:
  struct Smoother;
  const Smoother* smoother(std::span<const double> errors) const;
  std::vector<double> window_weights(std::span<const std::int64_t> points, double at,
                                     std::int64_t& first) const;
  std::vector<double> log_errors(const Smoother& smoother, std::span<const double> errors) const;

  ValleyOptions options_;
  std::vector<double> x_{};
  /// By the finite points, and what lies beyond them.
  mutable std::map<std::tuple<std::vector<std::int64_t>, Bound, Bound>, std::unique_ptr<Smoother>> smoothers_;
};

}  // namespace rhosweep::analysis
