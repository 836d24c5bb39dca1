#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace rhosweep::analysis {

/// The ends of an interval, mostly of the 95 % interval of a number over resamples of the seeds; NaN if
/// unknown.
struct Interval {
  double low = std::numeric_limits<double>::quiet_NaN();
  double high = std::numeric_limits<double>::quiet_NaN();
};

/// Resampling of seeds with replacement (Efron 1979). All axes points, schedules and ρ share the resamples,
/// so common noise cancels in ratios of their statistics. Deterministic: draw j of resample b is a pure
/// function of (b, j). A draw selects from the seeds in increasing order, so the order of the seeds in the
/// grid does not matter.
class Bootstrap {
 public:
  /// @param seeds the seeds of the grid, distinct
  /// @param resamples the number of resamples
  Bootstrap(std::span<const std::int64_t> seeds, std::int64_t resamples);

  /// Returns the number of resamples; 0 with fewer than two seeds.
  std::int64_t resamples() const { return resamples_; }
  /// Returns the number of resamples of `seeds` seeds: `wanted`, or 0 with fewer than two seeds.
  static std::int64_t resamples(std::int64_t seeds, std::int64_t wanted) { return seeds < 2 ? 0 : wanted; }

  /// Returns how often each seed is drawn in the resamples `first` … `first` + `count` − 1, shape (count,
  /// seeds), with the seeds in the order of the grid.
  std::vector<std::uint8_t> draw(std::int64_t first, std::int64_t count) const;

  /// Returns the number of resamples that are drawn at once: as many as fit into a fixed amount of memory, at
  /// least one.
  std::int64_t batch() const;

  /// Calls use(counts) for one batch of consecutive resamples after another, until all resamples are used.
  /// The counts are those that draw() returns for the batch.
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
  std::vector<std::uint8_t> all_;  ///< the counts of all resamples, shape (resamples, seeds); empty if they
                                   ///< need more than one batch
};

/// The least number of seeds for an interval. Two seeds a and b have only three distinct resamples: aa, ab
/// and bb. The estimate is the value in ab; if it does not lie between the values in aa and bb, it is an end
/// of the interval.
inline constexpr std::int64_t fewest_seeds = 3;

/// The least number of resamples for a 95 % interval.
inline constexpr std::int64_t fewest_resamples = 39;

/// Returns the 95 % percentile interval of B values: from the value of rank (B + 1)/40, rounded down, to the
/// value of the same rank from above. NaN if there are fewer than fewest_resamples values or if one is NaN.
Interval percentile_interval(std::vector<double> values);

}  // namespace rhosweep::analysis
