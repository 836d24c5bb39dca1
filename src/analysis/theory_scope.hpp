#pragma once

#include "rhosweep/analysis/analysis.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace rhosweep::analysis {

/// Whether the last-iterate bound holds for what the options ask of some axes points. It bounds the expected
/// excess loss of the last iterate of w − η h_t g on a convex objective over a ball, for unbiased g
/// (theory/bounds.hpp). Whether the problem is such a one, the file says by its /diameter and
/// /gradient_bound. Where it holds but cannot be computed, the caveat says why.
TheoryScope theory_scope(const store::ResultsReader& file, const Options& options,
                         const std::vector<core::PointIndex>& points);

/// The number of steps at all points; nothing if they differ.
std::optional<std::int64_t> steps_of(const store::ResultsReader& file,
                                     const std::vector<core::PointIndex>& points);

/// Fills everything of a schedule that is theory's, beside what is measured. @pre the theory applies
/// @param schedule index
/// @param steps those of all points; nothing leaves out the ratios, which are of one number of steps
/// @param known of groups before this one, for the same ratios and tolerances; what is new is added
void fill_theory(const store::ResultsReader& file, const std::vector<core::PointIndex>& points,
                 std::int64_t schedule, std::optional<std::int64_t> steps, GridTheories& known,
                 ScheduleAnalysis& into);

}  // namespace rhosweep::analysis
