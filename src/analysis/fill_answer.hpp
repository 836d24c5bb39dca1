#pragma once

#include "costs.hpp"
#include "judge_valley.hpp"
#include "measured_curve.hpp"

#include "rhosweep/analysis/analysis.hpp"

#include <vector>

namespace rhosweep::analysis {

/// Copies the model's grid costs for every ratio, and its crossings for every tolerance, to a schedule's
/// analysis.
/// @param rhos increasing
void fill_grids(const ValleyAnswer& answer, const Selection& selection, const std::vector<double>& rhos,
                ScheduleAnalysis& into);

/// Fills the costs at factors of the best ρ. They come from the model as far as it reaches; without a model,
/// they are interpolated between the measured ρ.
void fill_costs(const ValleyAnswer& answer, const MeasuredCurve& measured, double tuned_error,
                ScheduleAnalysis& into);

}  // namespace rhosweep::analysis
