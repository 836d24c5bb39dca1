#pragma once

#include "rhosweep/analysis/analysis.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace rhosweep::analysis {

/// Returns whether the last-iterate bound holds for the options at some axes points. The bound limits the
/// expected excess loss of the last iterate of w ← w − η·h_t·g on a convex objective over a ball, for
/// unbiased gradients g (theory/bounds.hpp). The datasets /diameter and /gradient_bound of the file tell
/// whether the problem is of this kind. If the bound holds but cannot be computed, the caveat says why.
TheoryScope theory_scope(const store::ResultsReader& file, const Options& options,
                         const std::vector<core::PointIndex>& points);

/// Returns the number of steps if all points have the same number; otherwise nullopt.
std::optional<std::int64_t> steps_of(const store::ResultsReader& file,
                                     const std::vector<core::PointIndex>& points);

/// Fills all theoretical numbers of a schedule, beside the measured ones. @pre the theory applies
/// @param schedule index of the schedule
/// @param steps the number of steps at all points; without a value, only the exponents are filled
/// @param known results from earlier groups, for the same ratios and tolerances; new results are added
void fill_theory(const store::ResultsReader& file, const std::vector<core::PointIndex>& points,
                 std::int64_t schedule, std::optional<std::int64_t> steps, GridTheories& known,
                 ScheduleAnalysis& into);

}  // namespace rhosweep::analysis
