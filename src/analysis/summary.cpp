#include "rhosweep/analysis/summary.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>

namespace rhosweep::analysis {

namespace {

/// A ρ counts as reached if it lies within this ratio of the one that is asked for.
constexpr double reach = 1.26;

/// (schedules, ρ): mean over seeds; NaN where a seed is missing.
std::vector<double> means_over_seeds(const store::ResultsReader& file, core::PointIndex point,
                                     const std::string& metric) {
  const model::Grid& grid = file.description().grid;
  const std::vector<double> values = file.read_final(metric, point);
  const std::int64_t trials = grid.trials_per_stream();
  const std::int64_t seeds = std::ssize(grid.seeds);
  std::vector<double> means(trials, 0.0);
  for (std::int64_t i = 0; i < seeds * trials; ++i)
    means[i % trials] += values[i] / static_cast<double>(seeds);
  return means;
}

std::optional<double> ratio_at(double rho, std::span<const double> rhos, std::span<const double> means,
                               double best) {
  const auto nearest = std::min_element(rhos.begin(), rhos.end(), [rho](double a, double b) {
    return std::abs(std::log(a / rho)) < std::abs(std::log(b / rho));
  });
  const double mean = means[nearest - rhos.begin()];
  const bool is_reached = std::abs(std::log(*nearest / rho)) <= std::log(reach);
  // A best of zero is a minimum that was met up to rounding: nothing is a multiple of it.
  if (!is_reached || std::isnan(mean) || best <= 0.0) return std::nullopt;
  return mean / best;
}

}  // namespace

std::string default_metric(const store::ResultsReader& file, core::PointIndex point) {
  const auto& metrics = file.description().metrics;
  const bool measured = std::any_of(metrics.begin(), metrics.end(), [](const model::Metric& metric) {
    return metric.name == model::metrics::excess_loss.name;
  });
  return measured && !std::isnan(file.f_star(point)) ? model::metrics::excess_loss.name
                                                     : model::metrics::train_loss.name;
}

std::vector<ScheduleSummary> summarise(const store::ResultsReader& file, core::PointIndex point,
                                       const std::string& metric, std::span<const double> factors) {
  const model::Grid& grid = file.description().grid;
  const std::int64_t rhos = std::ssize(grid.rhos);
  const std::vector<double> means = means_over_seeds(file, point, metric);
  const std::span<const double> stepsizes = file.stepsizes(point);

  std::vector<ScheduleSummary> summaries;
  for (std::int64_t s = 0; s < std::ssize(grid.schedules); ++s) {
    const auto of_schedule = std::span(means).subspan(s * rhos, rhos);
    const auto best = std::min_element(of_schedule.begin(), of_schedule.end(), [](double a, double b) {
      return a < b || (std::isnan(b) && !std::isnan(a));
    });
    const std::int64_t at = best - of_schedule.begin();
    ScheduleSummary summary{.schedule = grid.schedules[s].spec(),
                            .best_rho = grid.rhos[at],
                            .best_stepsize = stepsizes[s * rhos + at],
                            .best = *best,
                            .degradation = {}};
    for (const double factor : factors)
      summary.degradation.push_back(
          ratio_at(factor * summary.best_rho, grid.rhos, of_schedule, summary.best));
    summaries.push_back(std::move(summary));
  }
  return summaries;
}

}  // namespace rhosweep::analysis
