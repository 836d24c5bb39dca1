#pragma once

#include "grid_cost.hpp"

namespace rhosweep::analysis {

/// Returns the same costs as grid_cost(), but also where that returns NaN because costs beyond the curve's
/// ends could change the result. @param spacing the log of the grid ratio
GridCost cost_at_spacing(const CostCurve& curve, double spacing);

}  // namespace rhosweep::analysis
