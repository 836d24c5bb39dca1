#include "resampled_sums.hpp"

#include "rhosweep/core/divide_up.hpp"
#include "rhosweep/core/tiled_product.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace rhosweep::analysis {

namespace {

/// Size of a tile of sums: number of resamples and of neighbouring ρ.
constexpr std::int64_t tile_resamples = core::product_rows;
constexpr std::int64_t tile_rhos = core::product_columns;
/// The values of this many seeds at the ρ of a tile take 32 KiB, so they fit into the first-level cache.
constexpr std::int64_t tile_seeds = 256;

}  // namespace

ResampledSums::ResampledSums(std::span<const std::uint8_t> counts, std::int64_t seeds, std::int64_t rhos)
    : counts_(counts),
      seeds_(seeds),
      rhos_(rhos),
      resamples_(std::ssize(counts) / seeds),
      stride_(core::divide_up(rhos, tile_rhos) * tile_rhos),
      sums_(core::divide_up(resamples_, tile_resamples) * tile_resamples * stride_),
      bounded_(rhos),
      tiled_costs_(tile_seeds * tile_rhos) {
  clear();
}

void ResampledSums::clear() {
  std::fill(sums_.begin(), sums_.end(), 0.0);
  for (auto& resamples : bounded_) {
    resamples.resize(resamples_);
    std::iota(resamples.begin(), resamples.end(), std::int64_t{0});
  }
}

void ResampledSums::add(std::int64_t first, std::span<double> costs) {
  add_unbounded(first, costs);
  add_finite(first, costs);
}

/// Adds the costs that are infinite or NaN to the sums, and sets these costs to zero. Once a sum is not
/// finite, no further such cost is added to it. So where many seeds have diverged, soon no sum is left to
/// update.
void ResampledSums::add_unbounded(std::int64_t first, std::span<double> costs) {
  for (std::int64_t i = 0; i < std::ssize(costs); ++i) {
    if (std::isfinite(costs[i])) continue;
    const std::int64_t rho = i % rhos_;
    const std::uint8_t* const of_seed = counts_.data() + first + i / rhos_;
    std::erase_if(bounded_[rho], [&](std::int64_t b) {
      const bool is_drawn = of_seed[b * seeds_] > 0;
      if (is_drawn) sums_[b * stride_ + rho] += costs[i];
      return is_drawn;
    });
    costs[i] = 0.0;
  }
}

void ResampledSums::add_finite(std::int64_t first, std::span<const double> costs) {
  const std::int64_t seeds = std::ssize(costs) / rhos_;
  for (std::int64_t begin = 0; begin < seeds; begin += tile_seeds) {
    const std::int64_t depth = std::min(tile_seeds, seeds - begin);
    tile_counts(first + begin, depth);
    for (std::int64_t rho = 0; rho < rhos_; rho += tile_rhos) {
      const std::int64_t width = std::min(tile_rhos, rhos_ - rho);
      for (std::int64_t s = 0; s < depth; ++s)
        std::copy_n(costs.data() + (begin + s) * rhos_ + rho, width, tiled_costs_.data() + s * tile_rhos);
      core::add_products(tiled_counts_, std::span(tiled_costs_).first(depth * tile_rhos), sums_.data() + rho,
                         stride_);
    }
  }
}

void ResampledSums::tile_counts(std::int64_t first, std::int64_t seeds) {
  tiled_counts_.resize(core::divide_up(resamples_, tile_resamples) * tile_resamples * seeds);
  for (std::int64_t b = 0; b < resamples_; ++b) {
    const std::uint8_t* const from = counts_.data() + b * seeds_ + first;
    double* const to =
        tiled_counts_.data() + b / tile_resamples * tile_resamples * seeds + b % tile_resamples;
    for (std::int64_t s = 0; s < seeds; ++s) to[s * tile_resamples] = from[s];
  }
}

}  // namespace rhosweep::analysis
