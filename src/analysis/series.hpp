#pragma once

#include "rhosweep/analysis/bootstrap.hpp"
#include "rhosweep/store/results_reader.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace rhosweep::analysis {

/// A metric as something to make small: itself, or 1 minus it for an accuracy.
struct Cost {
  std::string metric;
  bool is_accuracy = false;

  double of(double value) const { return is_accuracy ? 1.0 - value : value; }
  /// The inverse of `of`.
  double to_metric(double cost) const { return of(cost); }
};

/// What one schedule gave at every ρ, in the grid's order: means over the seeds that count, and of them the
/// worst over some axes points.
struct Series {
  std::vector<double> cost;            ///< (ρ): +∞ if a seed has diverged, NaN if one is missing
  std::vector<std::int64_t> diverged;  ///< (ρ): seeds that have diverged, where most have
  std::vector<std::int64_t> missing;   ///< (ρ): trials that are pending, failed or without a value
  std::vector<double> resampled;       ///< (resamples, ρ): the same as cost, for every resample of the seeds
};

/// What series are of.
struct Selection {
  const store::ResultsReader& file;
  Cost cost;
  std::vector<core::PointIndex> points;  ///< at least one
  std::vector<std::int64_t> seeds;  ///< that count, by their indices in the grid: increasing, at least one
};

/// Reads by slabs of seeds: the memory does not grow with the file.
/// @param bootstrap of the seeds that count
Series read_series(const Selection& selection, std::int64_t schedule, const Bootstrap& bootstrap);

/// The cost at w_0, mean over the seeds that count, worst over the points; NaN if the file lacks it.
double initial_cost(const Selection& selection);

}  // namespace rhosweep::analysis
