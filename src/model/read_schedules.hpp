#pragma once

#include "document.hpp"

#include "rhosweep/model/schedule.hpp"
#include "rhosweep/model/sweep.hpp"

#include <span>
#include <string>
#include <vector>

namespace rhosweep::model {

/// Reads grid.schedule: one specification or a list of distinct specifications.
/// Throws core::InputError with the place, the key, what was found and what is allowed. In a text that is
/// stored in a results file, schedules must not name files.
std::vector<Schedule> read_schedules(const Node& node, const ScheduleFiles& files);

/// Returns for each schedule its entry in a table whose keys are schedules, or nullptr if it has none. Throws
/// core::InputError if a key is no schedule of the list, or the same schedule twice.
/// @param name name of the table, for messages
std::vector<const Entry*> entries_of_schedules(const Node& table, const std::string& name,
                                               std::span<const Schedule> schedules,
                                               const ScheduleFiles& files);

/// Reads grid.stepsize: a number, "theory", or a table with a number for each schedule. Throws
/// core::InputError with the same content as read_schedules().
StepsizeRule read_stepsize(const Node& node, std::span<const Schedule> schedules, const ScheduleFiles& files);

}  // namespace rhosweep::model
