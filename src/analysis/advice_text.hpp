#pragma once

#include "rhosweep/analysis/analysis.hpp"

#include <string>

namespace rhosweep::analysis {

/// Returns text about how coarse a grid may be: a sentence for each tolerance, a sentence that compares the
/// schedules, a table of the coarsest grid ratio of each schedule, and why some schedules have no advice.
/// Empty if no tolerances were asked for.
std::string advice_text(const Analysis& analysis, const Group& group);

}  // namespace rhosweep::analysis
