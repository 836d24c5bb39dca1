#pragma once

#include "document.hpp"

#include "rhosweep/model/schedule.hpp"
#include "rhosweep/model/sweep.hpp"

#include <span>
#include <vector>

namespace rhosweep::model {

/// The value of grid.schedule: a specification or a list of them, no schedule twice.
/// Throws core::InputError with the place, the key, what was found and what is allowed.
std::vector<Schedule> read_schedules(const Node& node);

/// The value of grid.stepsize: a number, "theory", or a table with a number for each of the schedules. Throws
/// like read_schedules.
StepsizeRule read_stepsize(const Node& node, std::span<const Schedule> schedules);

}  // namespace rhosweep::model
