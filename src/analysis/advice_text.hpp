#pragma once

#include "rhosweep/analysis/analysis.hpp"

#include <string>

namespace rhosweep::analysis {

/// How coarse a grid may be, for people: a sentence for each tolerance, the comparison of schedules, the
/// ratios of all schedules and why some have none. Empty if no tolerances were asked for.
std::string advice_text(const Analysis& analysis, const Group& group);

}  // namespace rhosweep::analysis
