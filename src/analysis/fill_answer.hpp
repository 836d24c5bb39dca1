#pragma once

#include "costs.hpp"
#include "judge_valley.hpp"
#include "measured_curve.hpp"

#include "rhosweep/analysis/analysis.hpp"

#include <vector>

namespace rhosweep::analysis {

/// Copies to a schedule's analysis what the model answers: the costs of a grid, and of random search, for
/// every ratio; and for every tolerance the advice how coarse a grid may be.
/// @param rhos increasing
void fill_grids(const ValleyAnswer& answer, const Selection& selection, const std::vector<double>& rhos,
                ScheduleAnalysis& into);

/// Fills the costs at the best ρ times each of cost_factors. They come from the model as far as it reaches;
/// beyond it, they are +∞ where trials diverge, else NaN. Without a model, they are interpolated between the
/// measured ρ, relative to `tuned_error`, the error at the best ρ.
void fill_costs(const ValleyAnswer& answer, const MeasuredCurve& measured, double tuned_error,
                ScheduleAnalysis& into);

}  // namespace rhosweep::analysis
