#include "series.hpp"

#include "resampled_sums.hpp"

#include "rhosweep/core/compensated_sum.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace rhosweep::analysis {

using core::PointIndex;
using model::CellStatus;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr std::int64_t slab_cells = std::int64_t{1} << 17;

/// (seeds, ρ): costs of one schedule at one axes point; +∞ diverged, NaN missing.
struct Slab {
  store::SeedRange seeds;
  std::vector<double> costs;
};

/// Calls use(slab) for all seeds, some at a time.
template <class Use>
void for_each_slab(const store::ResultsReader& file, const Cost& cost, PointIndex point,
                   std::int64_t schedule, const Use& use) {
  const model::Grid& grid = file.description().grid;
  const std::int64_t seeds = std::ssize(grid.seeds);
  const std::int64_t most = std::max<std::int64_t>(1, slab_cells / std::ssize(grid.rhos));
  for (std::int64_t first = 0; first < seeds; first += most) {
    Slab slab{.seeds = {.first = first, .count = std::min(most, seeds - first)}, .costs = {}};
    // The status first: a cell that is not pending then has all its values, also while a run is writing.
    const auto status = file.read_status(point, schedule, slab.seeds);
    slab.costs = file.read_final(cost.metric, point, schedule, slab.seeds);
    for (std::size_t i = 0; i < slab.costs.size(); ++i) {
      double& value = slab.costs[i];
      value = status[i] == CellStatus::done       ? cost.of(value)
              : status[i] == CellStatus::diverged ? infinity
                                                  : nan;
    }
    use(slab);
  }
}

/// Takes the larger; NaN, which is missing, prevails.
void take_worse(double& worst, double value) {
  if (!(value <= worst)) worst = std::isnan(worst) ? worst : value;
}

/// Adds what an axes point gave to the series.
void add_means(const store::ResultsReader& file, const Cost& cost, PointIndex point, std::int64_t schedule,
               Series& series) {
  const std::int64_t rhos = std::ssize(series.cost);
  std::vector<core::CompensatedSum> sums(rhos);
  std::vector<std::int64_t> diverged(rhos, 0);
  for_each_slab(file, cost, point, schedule, [&](const Slab& slab) {
    for (std::int64_t i = 0; i < std::ssize(slab.costs); ++i) {
      const double value = slab.costs[i];
      sums[i % rhos].add(value);
      series.missing[i % rhos] += std::isnan(value) ? 1 : 0;
      diverged[i % rhos] += value == infinity ? 1 : 0;
    }
  });
  const auto seeds = static_cast<double>(file.description().grid.seeds.size());
  for (std::int64_t r = 0; r < rhos; ++r) {
    take_worse(series.cost[r], sums[r].value() / seeds);
    series.diverged[r] = std::max(series.diverged[r], diverged[r]);
  }
}

void resample(const store::ResultsReader& file, const Cost& cost, const std::vector<PointIndex>& points,
              std::int64_t schedule, const Bootstrap& bootstrap, Series& series) {
  const std::int64_t rhos = std::ssize(series.cost);
  const std::int64_t seeds = std::ssize(file.description().grid.seeds);
  series.resampled.assign(bootstrap.resamples() * rhos, -infinity);
  auto resampled = series.resampled.begin();
  bootstrap.for_each_batch([&](std::span<const std::uint8_t> counts) {
    ResampledSums sums(counts, seeds, rhos);
    const std::int64_t count = std::ssize(counts) / seeds;
    for (const PointIndex point : points) {
      sums.clear();
      for_each_slab(file, cost, point, schedule, [&](Slab& slab) { sums.add(slab.seeds.first, slab.costs); });
      for (std::int64_t b = 0; b < count; ++b)
        for (std::int64_t r = 0; r < rhos; ++r)
          take_worse(resampled[b * rhos + r], sums.sum(b, r) / static_cast<double>(seeds));
    }
    resampled += count * rhos;
  });
}

}  // namespace

Series read_series(const store::ResultsReader& file, const Cost& cost, const std::vector<PointIndex>& points,
                   std::int64_t schedule, const Bootstrap& bootstrap) {
  const std::size_t rhos = file.description().grid.rhos.size();
  Series series{.cost = std::vector<double>(rhos, -infinity),
                .diverged = std::vector<std::int64_t>(rhos, 0),
                .missing = std::vector<std::int64_t>(rhos, 0),
                .resampled = {}};
  for (const PointIndex point : points) add_means(file, cost, point, schedule, series);
  resample(file, cost, points, schedule, bootstrap, series);
  return series;
}

double initial_cost(const store::ResultsReader& file, const Cost& cost,
                    const std::vector<PointIndex>& points) {
  double worst = -infinity;
  for (const PointIndex point : points) {
    core::CompensatedSum sum;
    const auto values = file.initial(cost.metric, point);
    if (values.empty()) return nan;
    for (const double value : values) sum.add(cost.of(value));
    take_worse(worst, sum.value() / static_cast<double>(values.size()));
  }
  return worst;
}

}  // namespace rhosweep::analysis
