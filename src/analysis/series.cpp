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
  std::int64_t first = 0;  ///< seed, among those that count
  std::int64_t seeds = 0;
  std::vector<double> costs;
};

/// Calls use(slab) for all seeds that count, some at a time.
template <class Use>
void for_each_slab(const Selection& selection, PointIndex point, std::int64_t schedule, const Use& use) {
  const auto& [file, cost, points, seeds] = selection;
  const std::int64_t rhos = std::ssize(file.description().grid.rhos);
  const std::int64_t most = std::max<std::int64_t>(1, slab_cells / rhos);
  for (std::int64_t first = 0; first < std::ssize(seeds);) {
    const auto end = std::lower_bound(seeds.begin() + first, seeds.end(), seeds[first] + most);
    const store::SeedRange range{.first = seeds[first], .count = *(end - 1) + 1 - seeds[first]};
    // The status first: a cell that is not pending then has all its values, also while a run is writing.
    const auto status = file.read_status(point, schedule, range);
    const auto final = file.read_final(cost.metric, point, schedule, range);
    Slab slab{.first = first, .seeds = end - (seeds.begin() + first), .costs = {}};
    slab.costs.reserve(slab.seeds * rhos);
    for (std::int64_t s = first; s < first + slab.seeds; ++s) {
      const std::int64_t row = (seeds[s] - range.first) * rhos;
      for (std::int64_t i = row; i < row + rhos; ++i)
        slab.costs.push_back(status[i] == CellStatus::done       ? cost.of(final[i])
                             : status[i] == CellStatus::diverged ? infinity
                                                                 : nan);
    }
    use(slab);
    first += slab.seeds;
  }
}

/// Takes the larger; NaN, which is missing, prevails.
void take_worse(double& worst, double value) {
  if (!(value <= worst)) worst = std::isnan(worst) ? worst : value;
}

/// Adds what an axes point gave to the series.
void add_means(const Selection& selection, PointIndex point, std::int64_t schedule, Series& series) {
  const std::int64_t rhos = std::ssize(series.cost);
  std::vector<core::CompensatedSum> sums(rhos);
  std::vector<std::int64_t> diverged(rhos, 0);
  for_each_slab(selection, point, schedule, [&](const Slab& slab) {
    for (std::int64_t i = 0; i < std::ssize(slab.costs); ++i) {
      const double value = slab.costs[i];
      sums[i % rhos].add(value);
      series.missing[i % rhos] += std::isnan(value) ? 1 : 0;
      diverged[i % rhos] += value == infinity ? 1 : 0;
    }
  });
  const auto seeds = static_cast<double>(selection.seeds.size());
  for (std::int64_t r = 0; r < rhos; ++r) {
    take_worse(series.cost[r], sums[r].value() / seeds);
    series.diverged[r] = std::max(series.diverged[r], diverged[r]);
  }
}

void resample(const Selection& selection, std::int64_t schedule, const Bootstrap& bootstrap, Series& series) {
  const std::int64_t rhos = std::ssize(series.cost);
  const std::int64_t seeds = std::ssize(selection.seeds);
  series.resampled.assign(bootstrap.resamples() * rhos, -infinity);
  auto resampled = series.resampled.begin();
  bootstrap.for_each_batch([&](std::span<const std::uint8_t> counts) {
    ResampledSums sums(counts, seeds, rhos);
    const std::int64_t count = std::ssize(counts) / seeds;
    for (const PointIndex point : selection.points) {
      sums.clear();
      for_each_slab(selection, point, schedule, [&](Slab& slab) { sums.add(slab.first, slab.costs); });
      for (std::int64_t b = 0; b < count; ++b)
        for (std::int64_t r = 0; r < rhos; ++r)
          take_worse(resampled[b * rhos + r], sums.sum(b, r) / static_cast<double>(seeds));
    }
    resampled += count * rhos;
  });
}

}  // namespace

Series read_series(const Selection& selection, std::int64_t schedule, const Bootstrap& bootstrap) {
  const std::size_t rhos = selection.file.description().grid.rhos.size();
  Series series{.cost = std::vector<double>(rhos, -infinity),
                .diverged = std::vector<std::int64_t>(rhos, 0),
                .missing = std::vector<std::int64_t>(rhos, 0),
                .resampled = {}};
  for (const PointIndex point : selection.points) add_means(selection, point, schedule, series);
  resample(selection, schedule, bootstrap, series);
  return series;
}

double initial_cost(const Selection& selection) {
  double worst = -infinity;
  for (const PointIndex point : selection.points) {
    core::CompensatedSum sum;
    const auto values = selection.file.initial(selection.cost.metric, point);
    if (values.empty()) return nan;
    for (const std::int64_t seed : selection.seeds) sum.add(selection.cost.of(values[seed]));
    take_worse(worst, sum.value() / static_cast<double>(selection.seeds.size()));
  }
  return worst;
}

}  // namespace rhosweep::analysis
