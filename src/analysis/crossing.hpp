#pragma once

#include "grid_cost.hpp"

namespace rhosweep::analysis {

/// Returns the cost of grid_cost(), even if the sweep cannot judge it. @param spacing the log of the ratio
GridCost cost_at_spacing(const CostCurve& curve, double spacing);

}  // namespace rhosweep::analysis
