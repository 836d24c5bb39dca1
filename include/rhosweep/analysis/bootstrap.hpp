#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace rhosweep::analysis {

/// The middle 95 % of a statistic's resamples; NaN where it is not known.
struct Interval {
  double low = std::numeric_limits<double>::quiet_NaN();
  double high = std::numeric_limits<double>::quiet_NaN();
};

/// Resampling of seeds with replacement (Efron 1979). All axes points, schedules and ρ share the resamples,
/// so common noise cancels in their ratios. Deterministic: draw j of resample b is a pure function of (b, j).
/// It selects from the seeds in increasing order, so their order in the grid does not matter.
class Bootstrap {
 public:
  /// @param seeds of the grid, distinct
  /// @param resamples how many
  Bootstrap(std::span<const std::int64_t> seeds, std::int64_t resamples);

  /// Returns the number of resamples; 0 with fewer than two seeds.
  std::int64_t resamples() const { return resamples_; }
  /// Returns the number of resamples if `wanted` are asked for: 0 with fewer than two seeds.
  static std::int64_t resamples(std::int64_t seeds, std::int64_t wanted) { return seeds < 2 ? 0 : wanted; }

  /// (count, seeds): how often each seed, by its index in the grid, is drawn in resamples first, first + 1, …
  std::vector<std::uint8_t> draw(std::int64_t first, std::int64_t count) const;

  /// How many resamples are drawn at once, so that they fit into the memory set aside for them.
  std::int64_t batch() const;

  /// Calls use(counts) for all resamples in order, batch by batch.
  template <class Use>
  void for_each_batch(const Use& use) const {
    const std::int64_t most = batch();
    for (std::int64_t first = 0; first < resamples_; first += most) {
      if (all_.empty())
        use(draw(first, std::min(most, resamples_ - first)));
      else
        use(all_);
    }
  }

 private:
  std::vector<std::int64_t> by_value_;  ///< indices of the seeds, least seed first
  std::int64_t resamples_;
  std::vector<std::uint8_t> all_;  ///< (resamples, seeds), drawn once; empty if that does not fit
};

/// Fewer seeds give no interval. Two seeds have only three distinct resamples, and an estimate that is not
/// monotonic in them is the largest or the least of the three.
inline constexpr std::int64_t fewest_seeds = 3;

/// With fewer resamples there is no 95 % interval.
inline constexpr std::int64_t fewest_resamples = 39;

/// Returns the percentile interval of B values: those of rank (B + 1)/40 from below and from above. Unknown
/// with fewer than fewest_resamples values or with a NaN among them.
Interval percentile_interval(std::vector<double> values);

}  // namespace rhosweep::analysis
