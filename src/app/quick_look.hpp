#pragma once

#include "rhosweep/analysis/analysis.hpp"

namespace rhosweep::app {

/// Returns the options that compute the best stepsizes only: no intervals, no theory, no grid costs.
analysis::Options quick_look();

}  // namespace rhosweep::app
