#pragma once

#include "rhosweep/analysis/analysis.hpp"

#include <vector>

namespace rhosweep::analysis {

/// What a replay finds at an axes point. @tparam Found what it finds for one schedule
template <class Found>
struct ReplayGroup {
  std::vector<AxisValue> axes;
  std::vector<Found> schedules;  ///< in the grid's order
};

}  // namespace rhosweep::analysis
