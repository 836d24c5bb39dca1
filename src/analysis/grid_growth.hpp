#pragma once

#include "rhosweep/analysis/analysis.hpp"

#include <cstdint>

namespace rhosweep::analysis {

/// Fills how the worst cost of a grid grows with its ratio: the slope of log(1 + worst) against log ratio
/// over the judged ratios from 4 on, the slope's interval and the range of these ratios. If the slope or its
/// interval is unknown, fills the reason.
/// @param seeds number of seeds that were resampled
void fill_growth(const ValleyAnswer& answer, std::int64_t seeds, ScheduleAnalysis& into);

}  // namespace rhosweep::analysis
