#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace rhosweep::analysis {

/// Sums of a schedule's costs over the seeds that each resample draws, (resamples, ρ): the product of the
/// counts, (resamples, seeds), and the costs, (seeds, ρ), which come by in slabs. Every sum takes its seeds
/// in the order in which they come, each product rounded, so that the bits depend neither on the slabs nor on
/// the processor.
class ResampledSums {
 public:
  /// @param counts (resamples, seeds): how often a resample draws a seed; must outlive it
  /// @param seeds of all slabs together
  /// @param rhos of the schedule
  ResampledSums(std::span<const std::uint8_t> counts, std::int64_t seeds, std::int64_t rhos);

  /// Begins anew.
  void clear();

  /// Adds what consecutive seeds contribute where they are drawn.
  /// @param first index of the first of them
  /// @param costs (these seeds, ρ), which may be infinite or NaN; overwritten
  void add(std::int64_t first, std::span<double> costs);

  double sum(std::int64_t resample, std::int64_t rho) const { return sums_[resample * stride_ + rho]; }

 private:
  void add_unbounded(std::int64_t first, std::span<double> costs);
  void add_finite(std::int64_t first, std::span<const double> costs);
  void tile_counts(std::int64_t first, std::int64_t seeds);

  std::span<const std::uint8_t> counts_;
  std::int64_t seeds_;
  std::int64_t rhos_;
  std::int64_t resamples_;
  std::int64_t stride_;                             ///< of sums_: ρ, filled up
  std::vector<double> sums_;                        ///< (resamples filled up, stride)
  std::vector<std::vector<std::int64_t>> bounded_;  ///< by ρ: the resamples whose sum is finite so far
  std::vector<double> tiled_counts_;                ///< of some seeds, as core::add_products() takes them
  std::vector<double> tiled_costs_;
};

}  // namespace rhosweep::analysis
