#pragma once

#include "document.hpp"

#include "rhosweep/model/schedule.hpp"
#include "rhosweep/model/sweep.hpp"

#include <span>
#include <vector>

namespace rhosweep::model {

/// Reads grid.schedule: a specification or a list of specifications, without duplicates.
/// Throws core::InputError with the place, the key, what was found and what is allowed. Schedules of a stored
/// text name no files.
std::vector<Schedule> read_schedules(const Node& node, const ScheduleFiles& files);

/// Reads grid.stepsize: a number, "theory", or a table with a number for each schedule. Throws like
/// read_schedules.
StepsizeRule read_stepsize(const Node& node, std::span<const Schedule> schedules, const ScheduleFiles& files);

}  // namespace rhosweep::model
