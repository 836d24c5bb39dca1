#pragma once

#include "rhosweep/analysis/bootstrap.hpp"
#include "rhosweep/analysis/statistic.hpp"
#include "rhosweep/model/metric.hpp"
#include "rhosweep/store/results_reader.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace rhosweep::analysis {

struct Options;

/// A metric as a quantity to minimise: the metric itself, or its distance from its upper bound if larger
/// values are better. Unlike the cost of a stepsize, this quantity is not relative to the optimum.
struct Cost {
  std::string metric;
  std::optional<double> at_most = {};  ///< the metric's upper bound; empty if smaller is better

  double of(double value) const { return model::as_cost(value, at_most); }
  /// Returns the metric's value from the quantity to minimise: the inverse of `of`.
  double to_metric(double cost) const { return of(cost); }
};

bool has_metric(const store::ResultsReader& file, const std::string& name);

/// Throws core::InputError if the file lacks the metric.
/// @param option the name of the option whose value is the metric
void require_metric(const store::ResultsReader& file, const std::string& option, const std::string& metric);

/// Returns the Cost of a metric of the file.
Cost cost_of(const store::ResultsReader& file, const std::string& metric);

/// Returns the floor above which errors are measured: f_star if the metric is train_loss and f_star is known
/// and the same at all points; else 0.
double floor_of(const store::ResultsReader& file, const std::string& metric,
                const std::vector<core::PointIndex>& points);

/// The part of a file that is analysed.
struct Selection {
  const store::ResultsReader& file;
  Cost cost;
  double floor = 0.0;                    ///< an error is Cost::of() minus the floor
  std::vector<core::PointIndex> points;  ///< axes points, at least one
  std::vector<std::int64_t> seeds;       ///< seeds in use: indices in the grid, increasing, at least one
  std::vector<std::int64_t> rhos;        ///< indices of the grid's ρ, in the order of increasing ρ

  /// Returns the metric's value for an error.
  double to_metric(double error) const { return cost.to_metric(error + floor); }
  std::int64_t trials() const { return std::ssize(points) * std::ssize(seeds) * std::ssize(rhos); }
};

/// Returns the seeds with the given indices in the grid.
std::vector<std::int64_t> seeds_at(const model::Grid& grid, const std::vector<std::int64_t>& indices);

/// Returns η of one schedule and ρ, whose index in an array of shape (schedule, ρ) is `trial`; NaN if η
/// differs between the axes points.
double common_stepsize(const store::ResultsReader& file, const std::vector<core::PointIndex>& points,
                       std::int64_t trial);

/// In the file of a search, the seeds that have run differ from ρ to ρ. Restricts the selection to the seeds
/// of one ρ of the schedule: the ρ at which the most seeds have run at all axes points. Returns the selection
/// of any other file unchanged.
Selection with_searched_seeds(Selection selection, std::int64_t schedule);

/// Converts an interval of errors to an interval of the metric.
Interval to_metric(const Selection& selection, const Interval& errors);

/// The errors e of one schedule's trials: for each axes point, an array of shape (seeds, ρ) with +∞ where a
/// trial has diverged and NaN where it is missing. The statistic, its resamples and honest_best() are
/// computed from them.
using Errors = std::vector<std::vector<double>>;

/// The largest size in bytes of one schedule's errors.
inline constexpr std::int64_t most_error_bytes = std::int64_t{4} << 30;

/// Reads the errors of one schedule, some seeds at a time. Throws core::InputError if the errors take more
/// than most_error_bytes.
Errors read_errors(const Selection& selection, std::int64_t schedule);

/// The statistic of the errors over the seeds, at every ρ. The worst point is the axes point where the
/// statistic is largest.
struct Summary {
  std::vector<double> error;           ///< (ρ): the statistic at the worst point; NaN if a trial is missing
  std::vector<double> member_errors;   ///< (points, ρ): the statistic at every axes point
  std::vector<std::int64_t> worst_at;  ///< (ρ): index of the worst point; −1 where the error is NaN
  std::vector<std::int64_t> diverged;  ///< (ρ): number of diverged seeds, at the point with the most
  std::vector<double> largest_share;  ///< (ρ): largest share of one seed in Σ e over the seeds, at worst_at
  std::vector<std::int64_t> missing;  ///< (ρ): number of trials that are pending, failed or without a value
  std::int64_t diverged_trials = 0;   ///< number of diverged trials over all points, seeds and ρ
  std::int64_t trials = 0;            ///< trials that have an outcome, diverged ones included
};

/// Summarises the errors of one schedule. @param rhos number of ρ
Summary summarise(const Errors& errors, std::int64_t rhos, const Statistic& statistic);

/// Returns the statistic of the errors in every resample of the seeds, shape (resamples, points, ρ).
/// @param bootstrap the bootstrap of the seeds of `errors`
std::vector<double> resampled(const Errors& errors, std::int64_t rhos, const Statistic& statistic,
                              const Bootstrap& bootstrap);

/// Returns the statistic at the worst point, shape (ρ), with each trial's error capped at its error at the
/// initial point. Returns an empty vector if the file lacks the metric at the initial point.
std::vector<double> clipped_at_start(const Errors& errors, const Selection& selection,
                                     const Statistic& statistic);

/// Returns the metric by which the sweep's [stop_when] stops trials; empty without [stop_when].
std::string metric_of_stops(const store::ResultsReader& file);

/// Returns the metric that chooses ρ.
std::string choosing_metric(const Options& options);

}  // namespace rhosweep::analysis
