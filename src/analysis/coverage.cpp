#include "rhosweep/analysis/coverage.hpp"

#include "rhosweep/store/results_reader.hpp"

#include <algorithm>
#include <numeric>

namespace rhosweep::analysis {

using model::CellStatus;

Missing& Missing::operator+=(const Missing& other) {
  cells += other.cells;
  pending += other.pending;
  failed += other.failed;
  not_needed += other.not_needed;
  stopped += other.stopped;
  return *this;
}

bool Coverage::any_missing() const {
  return std::any_of(missing.begin(), missing.end(), [](const Missing& trials) { return trials.any(); });
}

Coverage read_coverage(const store::ResultsReader& file, const std::vector<core::PointIndex>& points) {
  const model::Grid& grid = file.description().grid;
  const std::int64_t rhos = std::ssize(grid.rhos);
  const store::SeedRange all{.first = 0, .count = std::ssize(grid.seeds)};
  Coverage coverage;
  coverage.of_seeds = all.count;
  coverage.missing.resize(grid.trials_per_seed());
  std::vector<bool> is_complete(all.count, true);
  std::vector<bool> has_failed(all.count, false);
  for (const core::PointIndex point : points) {
    for (std::int64_t s = 0; s < std::ssize(grid.schedules); ++s) {
      const auto status = file.read_status(point, s, all);
      for (std::int64_t i = 0; i < std::ssize(status); ++i) {
        if (status[i] == CellStatus::excluded) continue;
        const auto is = [&](CellStatus state) { return status[i] == state ? 1 : 0; };
        if (status[i] == CellStatus::failed) has_failed[i / rhos] = true;
        if (status[i] == CellStatus::pending && !file.description().search) is_complete[i / rhos] = false;
        coverage.missing[s * rhos + i % rhos] += {.cells = 1,
                                                  .pending = is(CellStatus::pending),
                                                  .failed = is(CellStatus::failed),
                                                  .not_needed = is(CellStatus::not_needed),
                                                  .stopped = is(CellStatus::stopped)};
      }
    }
  }
  coverage.complete_seeds = std::count(is_complete.begin(), is_complete.end(), true);
  for (std::int64_t seed = 0; seed < all.count; ++seed) {
    if (has_failed[seed]) coverage.seeds_failed.push_back(grid.seeds[seed]);
    if (is_complete[seed] || coverage.complete_seeds == 0)
      coverage.seeds.push_back(seed);
    else
      coverage.seeds_left_out.push_back(grid.seeds[seed]);
  }
  return coverage;
}

}  // namespace rhosweep::analysis
