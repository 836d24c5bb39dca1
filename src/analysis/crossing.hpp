#pragma once

#include "grid_cost.hpp"

namespace rhosweep::analysis {

/// Returns the costs that grid_cost() returns, even where costs beyond the curve's ends could change the
/// result. @param spacing the log of the ratio
GridCost cost_at_spacing(const CostCurve& curve, double spacing);

}  // namespace rhosweep::analysis
