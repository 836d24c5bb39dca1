#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace rhosweep::analysis {

/// Sums of values of a schedule, here called costs, over the seeds that each resample draws, shape
/// (resamples, ρ). They are the matrix product of the counts, shape (resamples, seeds), and the costs, shape
/// (seeds, ρ). The costs are added in slabs of seeds. Every sum adds its seeds in order and rounds each
/// product of a count and a cost, so its bits depend neither on the slabs nor on the processor.
class ResampledSums {
 public:
  /// @param counts how often each resample draws each seed, shape (resamples, seeds); must outlive the object
  /// @param seeds number of seeds in all slabs together
  /// @param rhos number of ρ
  ResampledSums(std::span<const std::uint8_t> counts, std::int64_t seeds, std::int64_t rhos);

  /// Sets all sums to zero.
  void clear();

  /// Adds the costs of consecutive seeds to the sums of the resamples that draw these seeds.
  /// @param first index of the first of these seeds
  /// @param costs costs of these seeds, shape (seeds, ρ), which may be infinite or NaN; overwritten
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
  std::int64_t stride_;                             ///< row length of sums_: the number of ρ, padded
  std::vector<double> sums_;                        ///< (padded resamples, stride)
  std::vector<std::vector<std::int64_t>> bounded_;  ///< by ρ: the resamples whose sum is finite so far
  std::vector<double> tiled_counts_;  ///< counts of a tile of seeds, in the layout of core::add_products()
  std::vector<double> tiled_costs_;
};

}  // namespace rhosweep::analysis
