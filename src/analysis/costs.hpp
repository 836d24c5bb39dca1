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

/// A metric as something to make small: itself, or its distance from its bound if more of it is better.
struct Cost {
  std::string metric;
  std::optional<double> at_most = {};  ///< the bound; empty if less is better

  double of(double value) const { return at_most ? *at_most - value : value; }
  /// The inverse of `of`.
  double to_metric(double cost) const { return of(cost); }
};

bool has_metric(const store::ResultsReader& file, const std::string& name);

/// Throws core::InputError if the file lacks the metric. @param option that names it
void require_metric(const store::ResultsReader& file, const std::string& option, const std::string& metric);

/// Returns the cost that a metric of the file is.
Cost cost_of(const store::ResultsReader& file, const std::string& metric);

/// f_star if it is what the metric stands above and the same at all points, else 0.
double floor_of(const store::ResultsReader& file, const std::string& metric,
                const std::vector<core::PointIndex>& points);

/// What costs are of.
struct Selection {
  const store::ResultsReader& file;
  Cost cost;
  double floor = 0.0;                    ///< what errors are costs minus
  std::vector<core::PointIndex> points;  ///< at least one
  std::vector<std::int64_t> seeds;  ///< that count, by their indices in the grid: increasing, at least one
  std::vector<std::int64_t> rhos;   ///< all of the grid by their indices, in the order of increasing ρ

  /// The metric whose error is at hand.
  double to_metric(double error) const { return cost.to_metric(error + floor); }
  std::int64_t trials() const { return std::ssize(points) * std::ssize(seeds) * std::ssize(rhos); }
};

/// Seeds of the grid by their indices.
std::vector<std::int64_t> seeds_at(const model::Grid& grid, const std::vector<std::int64_t>& indices);

/// η of a trial, by its schedule and ρ; NaN if the points differ in it.
double common_stepsize(const store::ResultsReader& file, const std::vector<core::PointIndex>& points,
                       std::int64_t trial);

/// Returns the selection for one schedule of a search: with the seeds of the ρ that has the most of them at
/// all points. Other selections stay as they are.
Selection with_searched_seeds(Selection selection, std::int64_t schedule);

/// An interval of errors as one of the metric.
Interval to_metric(const Selection& selection, const Interval& errors);

/// What one schedule's trials cost above the floor: by point (seeds, ρ), +∞ where a trial has diverged, NaN
/// where it is missing. Statistic, resamples and cross-fitting are all computed from it.
using Errors = std::vector<std::vector<double>>;

/// How many bytes the errors of one schedule may take.
inline constexpr std::int64_t most_error_bytes = std::int64_t{4} << 30;

/// Reads by slabs of seeds. Throws core::InputError if the errors take more than most_error_bytes.
Errors read_errors(const Selection& selection, std::int64_t schedule);

/// The statistic over seeds at every ρ, and of the points the worst.
struct Summary {
  std::vector<double> error;           ///< (ρ): NaN if a trial is missing
  std::vector<double> member_errors;   ///< (points, ρ)
  std::vector<std::int64_t> worst_at;  ///< (ρ): the point, by its index; −1 where the error is NaN
  std::vector<std::int64_t> diverged;  ///< (ρ): seeds that have diverged, where most have
  std::vector<double>
      largest_share;  ///< (ρ): of the sum over seeds, what the largest e is, at the worst point
  std::vector<std::int64_t> missing;  ///< (ρ): trials that are pending, failed or without a value
  std::int64_t diverged_trials = 0;   ///< of all points, seeds and ρ
  std::int64_t trials = 0;            ///< that have an outcome, diverged ones included
};

/// @param rhos how many
Summary summarise(const Errors& errors, std::int64_t rhos, const Statistic& statistic);

/// (resamples, points, ρ): the statistic of every resample of the seeds.
/// @param bootstrap of the seeds that count
std::vector<double> resampled(const Errors& errors, std::int64_t rhos, const Statistic& statistic,
                              const Bootstrap& bootstrap);

/// (ρ): the statistic where no run costs more than at its initial point, and of the points the worst. Empty
/// if the file lacks the metric at the initial point.
std::vector<double> clipped_at_start(const Errors& errors, const Selection& selection,
                                     const Statistic& statistic);

}  // namespace rhosweep::analysis
