#pragma once

#include "grid_cost.hpp"

#include <cstdint>
#include <span>

namespace rhosweep::analysis {

/// The curve of a metric over one grid of ρ, with what resampling the seeds makes of it.
struct ResampledCurve {
  std::span<const double> errors;     ///< (ρ): +∞ where a trial has diverged, NaN where one is missing
  std::span<const double> resampled;  ///< (resamples, ρ)
};

/// What judge_valley says, where one metric chooses the stepsize and another one is reported: costs are the
/// reported e at the ρ that the first metric chooses among a grid's, over the reported e at the first
/// metric's optimum, minus 1. They may be negative.
/// @param rhos increasing
ValleyAnswer judge_selected(std::span<const double> rhos, const ResampledCurve& choosing,
                            const ResampledCurve& reported, std::int64_t seeds, const GridQuestion& question);

}  // namespace rhosweep::analysis
