#pragma once

#include "document.hpp"

#include "rhosweep/model/grid.hpp"
#include "rhosweep/model/schedule.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace rhosweep::model {

/// Reads grid.rho_every, a table with an integer for some schedules. Returns an integer for every schedule: 1
/// for those that the table does not name. Throws core::InputError with the place, the key, what was found
/// and what is allowed.
std::vector<std::int64_t> read_rho_every(const Node& node, std::span<const Schedule> schedules,
                                         const ScheduleFiles& files);

/// Sets Grid::excluded_trials, so that schedule s visits every `every[s]`-th ρ, in increasing order and from
/// the least one, and the largest ρ. Returns grid.rho_every as canonical TOML; an empty text if all schedules
/// visit all ρ.
std::string exclude_between(Grid& grid, std::vector<std::int64_t> every);

}  // namespace rhosweep::model
