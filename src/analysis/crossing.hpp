#pragma once

#include "grid_cost.hpp"

namespace rhosweep::analysis {

/// Returns grid_cost() without checking whether it is judged. @param spacing log of the ratio
GridCost cost_at_spacing(const CostCurve& curve, double spacing);

}  // namespace rhosweep::analysis
