#pragma once

#include "rhosweep/model/block.hpp"
#include "rhosweep/model/grid.hpp"
#include "rhosweep/model/metric.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace rhosweep::model {

/// The section [stop_when] of a sweep file: when a hopeless trial is stopped before its last step.
///
/// For each axes point, seed and schedule, every `first_every`-th ρ, counted from the middle one of the grid,
/// runs whole. These are the first trials. Any other trial is stopped at the first evaluation at which its
/// cost is above `factor` times the least cost of the first trials that are done. The cost is the metric, or
/// its distance from the greatest possible value if more is better. No trial is stopped at the last
/// evaluation, before `from` times the number of steps, or where the least cost is not positive.
struct StopWhen {
  std::string metric = {};       ///< what is compared; empty: the metric that an analysis takes by default
  double factor = 10.0;          ///< > 1
  double from = 0.25;            ///< in [0, 1): share of the steps before which no trial is stopped
  std::int64_t first_every = 4;  ///< ≥ 2

  bool operator==(const StopWhen&) const = default;
};

/// Returns the metric of an analysis that names none: excess_loss where it is known, else train_loss.
/// @param knows_minima whether f_star is known at every axes point of the sweep
std::string default_metric(std::span<const Metric> metrics, bool knows_minima);

/// At which evaluations a trial is stopped.
struct StopLimits {
  std::span<const double> costs = {};  ///< (evaluations): the largest allowed cost; empty: never stopped
  std::int64_t metric = 0;             ///< index of the metric
  std::optional<double> at_most = {};  ///< Metric::at_most of the metric

  bool stop_at(std::int64_t evaluation, double value) const {
    return !costs.empty() && as_cost(value, at_most) > costs[evaluation];
  }
  /// Returns the index of the first evaluation at which a trial is stopped; the size of `curve` if none is.
  /// @param curve values of the metric at the first evaluations
  std::int64_t first_stop(std::span<const double> curve) const;
};

/// The rule of [stop_when] for the trials of a grid. Every answer is a pure function of the first trials, so
/// it does not depend on ranks, blocks or the order of trials.
class StopRule {
 public:
  /// @param settings the section
  /// @param grid read by the constructor only
  /// @param metrics of the trials; they have the one that is compared
  /// @param knows_minima as for default_metric()
  StopRule(StopWhen settings, const Grid& grid, std::span<const Metric> metrics, bool knows_minima);

  const StopWhen& settings() const& { return settings_; }
  StopWhen settings() && { return std::move(settings_); }
  /// Index of the metric that is compared.
  std::int64_t metric() const { return metric_; }
  const std::optional<double>& at_most() const& { return at_most_; }

  /// Returns whether a trial of the (schedule, ρ) plane is a first trial.
  bool is_first(std::int64_t trial) const {
    return is_first_[static_cast<std::size_t>(trial) % is_first_.size()];
  }

  /// Returns the largest allowed cost at each evaluation, +∞ where no trial is stopped.
  /// @param steps of the evaluations
  /// @param curves (first trials that are done, evaluations): their values of the metric
  std::vector<double> limits(std::span<const std::int64_t> steps, std::span<const double> curves) const;

 private:
  StopWhen settings_;
  std::int64_t metric_ = 0;
  std::optional<double> at_most_;
  std::vector<bool> is_first_;  ///< (ρ), in the grid's order
};

/// The limits of all trials of a grid, one row for each axes point, seed and schedule.
class StopTable {
 public:
  /// Makes a table in which no row is known.
  /// @param rule of the trials
  /// @param grid read by the constructor only
  /// @param evaluations points of the learning curve
  StopTable(const StopRule& rule, const Grid& grid, std::int64_t evaluations);

  /// Sets the limits of a row.
  void set(core::PointIndex point, std::int64_t seed, std::int64_t schedule, std::span<const double> limits);
  /// Returns whether the limits of the row of a trial are known.
  /// @param point axes point
  /// @param seed index into Grid::seeds
  /// @param trial index into the (schedule, ρ) plane
  bool knows(core::PointIndex point, std::int64_t seed, std::int64_t trial) const;
  /// Returns the limits of a trial. None for a first trial. This object must outlive the result.
  StopLimits of(core::PointIndex point, std::int64_t seed, std::int64_t trial) const;

  const StopRule& rule() const& { return rule_; }
  /// The rows, for sending them to other ranks: (points, seeds, schedules, evaluations), NaN if not known.
  std::vector<double>& numbers() & { return numbers_; }

 private:
  std::size_t row(core::PointIndex point, std::int64_t seed, std::int64_t trial) const;

  StopRule rule_;
  std::int64_t seeds_;
  std::int64_t schedules_;
  std::int64_t rhos_;
  std::int64_t evaluations_;
  std::vector<double> numbers_;
};

}  // namespace rhosweep::model
