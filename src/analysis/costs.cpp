#include "costs.hpp"

#include "rhosweep/analysis/analysis.hpp"
#include "rhosweep/core/error.hpp"
#include "rhosweep/core/text.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace rhosweep::analysis {

using core::PointIndex;
using model::CellStatus;

namespace {

/// Number of cells that are read at once.
constexpr std::int64_t slab_cells = std::int64_t{1} << 17;

/// Reads the errors of one schedule at one axes point, shape (seeds, ρ).
std::vector<double> read_point(const Selection& selection, PointIndex point, std::int64_t schedule) {
  const auto& [file, cost, floor, points, seeds, order] = selection;
  std::vector<double> into(seeds.size() * order.size());
  const std::int64_t rhos = std::ssize(order);
  const std::int64_t stride = std::ssize(file.description().grid.rhos);
  const std::int64_t most = std::max<std::int64_t>(1, slab_cells / stride);
  for (std::int64_t first = 0; first < std::ssize(seeds);) {
    const auto end = std::lower_bound(seeds.begin() + first, seeds.end(), seeds[first] + most);
    const store::SeedRange range{.first = seeds[first], .count = *(end - 1) + 1 - seeds[first]};
    // Reads the status before the values. So a cell whose status is not pending has all its values, even if a
    // run is writing the file.
    const auto status = file.read_status(point, schedule, range);
    const auto final = file.read_final(cost.metric, point, schedule, range);
    for (; seeds.begin() + first != end; ++first) {
      for (std::int64_t r = 0; r < rhos; ++r) {
        const std::int64_t i = (seeds[first] - range.first) * stride + order[r];
        into[first * rhos + r] = status[i] == CellStatus::done       ? cost.of(final[i]) - floor
                                 : status[i] == CellStatus::diverged ? infinite
                                                                     : unknown;
      }
    }
  }
  return into;
}

/// Returns the errors at one ρ, shape (seeds), from those at all ρ, shape (seeds, ρ).
std::vector<double> column(std::span<const double> costs, std::int64_t rhos, std::int64_t rho) {
  std::vector<double> values;
  values.reserve(costs.size() / rhos);
  for (std::int64_t i = rho; i < std::ssize(costs); i += rhos) values.push_back(costs[i]);
  return values;
}

/// Sets `worst` to `value` if `value` is larger; a missing value (NaN) counts as the largest.
/// @return whether `worst` has changed
bool take_worse(double& worst, double value) {
  if (value <= worst || std::isnan(worst)) return false;
  worst = value;
  return true;
}

}  // namespace

bool has_metric(const store::ResultsReader& file, const std::string& name) {
  const auto& metrics = file.description().metrics;
  return std::any_of(metrics.begin(), metrics.end(),
                     [&](const model::Metric& metric) { return metric.name == name; });
}

void require_metric(const store::ResultsReader& file, const std::string& option, const std::string& metric) {
  std::vector<std::string> names;
  for (const model::Metric& known : file.description().metrics) names.push_back(known.name);
  if (!has_metric(file, metric))
    core::refuse(option, metric + core::hint(metric, names), core::either(names));
}

Cost cost_of(const store::ResultsReader& file, const std::string& metric) {
  for (const model::Metric& known : file.description().metrics)
    if (known.name == metric) return {.metric = metric, .at_most = known.at_most};
  return {.metric = metric};
}

double floor_of(const store::ResultsReader& file, const std::string& metric,
                const std::vector<PointIndex>& points) {
  if (metric != model::metrics::train_loss.name) return 0.0;
  const double floor = file.f_star(points.front());
  for (const PointIndex point : points)
    if (file.f_star(point) != floor) return 0.0;
  return std::isnan(floor) ? 0.0 : floor;
}

std::vector<std::int64_t> seeds_at(const model::Grid& grid, const std::vector<std::int64_t>& indices) {
  std::vector<std::int64_t> seeds;
  seeds.reserve(indices.size());
  for (const std::int64_t index : indices) seeds.push_back(grid.seeds[index]);
  return seeds;
}

double common_stepsize(const store::ResultsReader& file, const std::vector<PointIndex>& points,
                       std::int64_t trial) {
  const double stepsize = file.stepsizes(points.front())[trial];
  const bool is_common = std::all_of(points.begin(), points.end(), [&](PointIndex point) {
    return file.stepsizes(point)[trial] == stepsize;
  });
  return is_common ? stepsize : unknown;
}

Selection with_searched_seeds(Selection selection, std::int64_t schedule) {
  if (!selection.file.description().search) return selection;
  const model::Grid& grid = selection.file.description().grid;
  const std::int64_t rhos = std::ssize(grid.rhos);
  const store::SeedRange all{.first = 0, .count = std::ssize(grid.seeds)};
  std::vector<bool> has_run(all.count * rhos, true);
  for (const PointIndex point : selection.points) {
    const auto status = selection.file.read_status(point, schedule, all);
    for (std::size_t i = 0; i < status.size(); ++i)
      if (!model::has_run(status[i])) has_run[i] = false;
  }
  std::vector<std::int64_t> most;
  for (std::int64_t r = 0; r < rhos; ++r) {
    std::vector<std::int64_t> seeds;
    for (std::int64_t seed = 0; seed < all.count; ++seed)
      if (has_run[seed * rhos + r]) seeds.push_back(seed);
    if (seeds.size() > most.size()) most = std::move(seeds);
  }
  if (!most.empty()) selection.seeds = std::move(most);
  return selection;
}

Interval to_metric(const Selection& selection, const Interval& errors) {
  const double low = selection.to_metric(errors.low);
  const double high = selection.to_metric(errors.high);
  return low <= high ? Interval{low, high} : Interval{high, low};
}

Errors read_errors(const Selection& selection, std::int64_t schedule) {
  const double bytes = 8.0 * static_cast<double>(selection.trials());
  if (bytes > static_cast<double>(most_error_bytes))
    core::refuse(selection.file.path().string(),
                 core::to_byte_text(bytes) + " of results for each schedule of a group",
                 core::to_byte_text(static_cast<double>(most_error_bytes)) +
                     ", so an analysis without --worst-over or of a sweep with fewer seeds");
  Errors errors;
  for (const PointIndex point : selection.points) errors.push_back(read_point(selection, point, schedule));
  return errors;
}

Summary summarise(const Errors& errors, std::int64_t rhos, const Statistic& statistic) {
  Summary summary{.error = std::vector(rhos, -infinite),
                  .member_errors = {},
                  .worst_at = std::vector<std::int64_t>(rhos, -1),
                  .diverged = std::vector<std::int64_t>(rhos, 0),
                  .largest_share = std::vector<double>(rhos, 0.0),
                  .missing = std::vector<std::int64_t>(rhos, 0)};
  for (std::int64_t point = 0; point < std::ssize(errors); ++point) {
    for (std::int64_t r = 0; r < rhos; ++r) {
      const std::vector<double> values = column(errors[point], rhos, r);
      const std::int64_t diverged = std::count(values.begin(), values.end(), infinite);
      const std::int64_t missing =
          std::count_if(values.begin(), values.end(), [](double x) { return std::isnan(x); });
      summary.diverged[r] = std::max(summary.diverged[r], diverged);
      summary.missing[r] += missing;
      summary.diverged_trials += diverged;
      summary.trials += std::ssize(values) - missing;
      summary.member_errors.push_back(statistic_of(statistic, values));
      if (take_worse(summary.error[r], summary.member_errors.back())) {
        summary.worst_at[r] = point;
        summary.largest_share[r] = *std::max_element(values.begin(), values.end()) /
                                   std::accumulate(values.begin(), values.end(), 0.0);
      }
    }
  }
  for (std::int64_t r = 0; r < rhos; ++r)
    if (std::isnan(summary.error[r])) summary.worst_at[r] = -1;
  return summary;
}

std::vector<double> resampled(const Errors& errors, std::int64_t rhos, const Statistic& statistic,
                              const Bootstrap& bootstrap) {
  if (errors.size() == 1) return resampled_statistic(statistic, errors.front(), rhos, bootstrap);
  const std::int64_t points = std::ssize(errors);
  std::vector<double> all(bootstrap.resamples() * points * rhos);
  for (std::int64_t point = 0; point < points; ++point) {
    const auto curves = resampled_statistic(statistic, errors[point], rhos, bootstrap);
    for (std::int64_t b = 0; b < bootstrap.resamples(); ++b)
      std::copy_n(curves.begin() + b * rhos, rhos, all.begin() + (b * points + point) * rhos);
  }
  return all;
}

std::vector<double> clipped_at_start(const Errors& errors, const Selection& selection,
                                     const Statistic& statistic) {
  const std::int64_t rhos = std::ssize(selection.rhos);
  std::vector<double> worst(rhos, -infinite);
  for (std::size_t point = 0; point < errors.size(); ++point) {
    const auto initial = selection.file.initial(selection.cost.metric, selection.points[point]);
    if (initial.empty()) return {};
    for (std::int64_t r = 0; r < rhos; ++r) {
      std::vector<double> values = column(errors[point], rhos, r);
      for (std::size_t s = 0; s < values.size(); ++s) {
        const double start = selection.cost.of(initial[selection.seeds[s]]) - selection.floor;
        if (start < values[s] || std::isnan(start)) values[s] = start;
      }
      take_worse(worst[r], statistic_of(statistic, values));
    }
  }
  return worst;
}

std::string metric_of_stops(const store::ResultsReader& file) {
  const auto& settings = file.description().stop_when;
  if (!settings) return {};
  return settings->metric.empty() ? default_metric(file) : settings->metric;
}

std::string choosing_metric(const Options& options) {
  return options.select_by.empty() ? options.metric : options.select_by;
}

}  // namespace rhosweep::analysis
