#pragma once

#include "grid_cost.hpp"

namespace rhosweep::analysis {

/// grid_cost(), judged or not. @param spacing log of the ratio
GridCost cost_at_spacing(const CostCurve& curve, double spacing);

}  // namespace rhosweep::analysis
