#pragma once

#include "rhosweep/analysis/bootstrap.hpp"
#include "rhosweep/analysis/statistic.hpp"
#include "rhosweep/store/results_reader.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace rhosweep::analysis {

/// A metric as a quantity to minimise: the metric itself, or its distance from its upper bound if more is
/// better.
struct Cost {
  std::string metric;
  std::optional<double> at_most = {};  ///< the bound; empty if less is better

  double of(double value) const { return at_most ? *at_most - value : value; }
  /// The inverse of `of`.
  double to_metric(double cost) const { return of(cost); }
};

bool has_metric(const store::ResultsReader& file, const std::string& name);

/// Throws core::InputError if the file lacks the metric. @param option name of the option that gave the
/// metric
void require_metric(const store::ResultsReader& file, const std::string& option, const std::string& metric);

/// Returns the Cost of a metric of the file.
Cost cost_of(const store::ResultsReader& file, const std::string& metric);

/// Returns f_star for train_loss if it is known and the same at all points; else 0.
double floor_of(const store::ResultsReader& file, const std::string& metric,
                const std::vector<core::PointIndex>& points);

/// The part of a file that is analysed.
struct Selection {
  const store::ResultsReader& file;
  Cost cost;
  double floor = 0.0;                    ///< an error is the cost minus this
  std::vector<core::PointIndex> points;  ///< at least one
  std::vector<std::int64_t> seeds;       ///< seeds that count: indices in the grid, increasing, at least one
  std::vector<std::int64_t> rhos;        ///< indices of the grid's ρ, in the order of increasing ρ

  /// Returns the metric's value for an error.
  double to_metric(double error) const { return cost.to_metric(error + floor); }
  std::int64_t trials() const { return std::ssize(points) * std::ssize(seeds) * std::ssize(rhos); }
};

/// Returns the seeds at these indices in the grid.
std::vector<std::int64_t> seeds_at(const model::Grid& grid, const std::vector<std::int64_t>& indices);

/// Returns η of a trial (schedule, ρ); NaN if it differs between the points.
double common_stepsize(const store::ResultsReader& file, const std::vector<core::PointIndex>& points,
                       std::int64_t trial);

/// Returns the selection for one schedule of a search: with the seeds of the ρ that has the most seeds at all
/// points. Other selections are returned unchanged.
Selection with_searched_seeds(Selection selection, std::int64_t schedule);

/// Returns an interval of errors as an interval of the metric.
Interval to_metric(const Selection& selection, const Interval& errors);

/// The costs of one schedule's trials minus the floor: for each point (seeds, ρ), +∞ where a trial has
/// diverged, NaN where it is missing. Statistic, resamples and cross-fitting are all computed from it.
using Errors = std::vector<std::vector<double>>;

/// The largest size in bytes of one schedule's errors.
inline constexpr std::int64_t most_error_bytes = std::int64_t{4} << 30;

/// Reads the errors of one schedule in slabs of seeds. Throws core::InputError if the errors take more than
/// most_error_bytes.
Errors read_errors(const Selection& selection, std::int64_t schedule);

/// The statistic over seeds at every ρ, at the worst point.
struct Summary {
  std::vector<double> error;           ///< (ρ): NaN if a trial is missing
  std::vector<double> member_errors;   ///< (points, ρ)
  std::vector<std::int64_t> worst_at;  ///< (ρ): index of the worst point; −1 where the error is NaN
  std::vector<std::int64_t> diverged;  ///< (ρ): seeds that have diverged, at the point with the most
  std::vector<double> largest_share;   ///< (ρ): the largest e over the sum over seeds, at the worst point
  std::vector<std::int64_t> missing;   ///< (ρ): trials that are pending, failed or without a value
  std::int64_t diverged_trials = 0;    ///< over all points, seeds and ρ
  std::int64_t trials = 0;             ///< trials that have an outcome, diverged ones included
};

/// Summarises the errors of one schedule. @param rhos number of ρ
Summary summarise(const Errors& errors, std::int64_t rhos, const Statistic& statistic);

/// Returns (resamples, points, ρ): the statistic of every resample of the seeds.
/// @param bootstrap of the seeds that count
std::vector<double> resampled(const Errors& errors, std::int64_t rhos, const Statistic& statistic,
                              const Bootstrap& bootstrap);

/// Returns (ρ): the statistic at the worst point, with each run's cost capped at its cost at the initial
/// point. Empty if the file lacks the metric at the initial point.
std::vector<double> clipped_at_start(const Errors& errors, const Selection& selection,
                                     const Statistic& statistic);

}  // namespace rhosweep::analysis
