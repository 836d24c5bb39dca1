#pragma once

#include "rhosweep/analysis/analysis.hpp"

#include <span>
#include <vector>

namespace rhosweep::analysis {

/// The ratio of neighbouring values; NaN if it is not the same everywhere or there are fewer than two.
/// @param rhos increasing
double geometric_ratio(std::span<const double> rhos);

/// The regrets of every stride from 1 to one less than the number of ρ.
/// @param ratio of the fine grid
/// @param errors (ρ): e by increasing ρ; NaN where a trial is missing
/// @param resampled (resamples, ρ): the same
std::vector<CoarseGrid> coarse_grids(double ratio, std::span<const double> errors,
                                     std::span<const double> resampled);

/// The advice from all strides; its numbers stay unknown if no stride keeps to the tolerance.
/// @param points of the fine grid
Advice advise(std::span<const CoarseGrid> grids, std::int64_t points, double tolerance);

}  // namespace rhosweep::analysis
