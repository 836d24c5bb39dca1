#pragma once

#include "rhosweep/store/results_reader.hpp"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace rhosweep::analysis {

/// The best stepsize of a schedule and what a larger one costs.
struct ScheduleSummary {
  std::string schedule;
  double best_rho = 0.0;
  double best_stepsize = 0.0;
  double best = 0.0;  ///< mean over seeds of the metric at the best ρ; +∞ if every ρ has diverged seeds
  /// For each factor: the mean at the grid's ρ nearest to factor × best ρ, divided by the best; +∞ where a
  /// seed has diverged, nothing where the grid does not reach, cells are pending or failed, or the best is
  /// not positive.
  std::vector<std::optional<double>> degradation;
};

/// The metric that a sweep is judged by: excess_loss where it is measured and f_star is known at the point,
/// else train_loss.
std::string default_metric(const store::ResultsReader& file, core::PointIndex point);

/// Summaries of all schedules at an axes point, by the mean over seeds of `final_<metric>`. A ρ with a
/// pending or failed seed is left out.
std::vector<ScheduleSummary> summarise(const store::ResultsReader& file, core::PointIndex point,
                                       const std::string& metric, std::span<const double> factors);

}  // namespace rhosweep::analysis
