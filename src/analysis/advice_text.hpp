#pragma once

#include "rhosweep/analysis/analysis.hpp"

#include <string>

namespace rhosweep::analysis {

/// Returns sentences about how coarse a grid may be: one for each tolerance, the comparison of schedules, the
/// ratios of all schedules, and why some schedules have no advice. Empty if no tolerances were asked for.
std::string advice_text(const Analysis& analysis, const Group& group);

}  // namespace rhosweep::analysis
