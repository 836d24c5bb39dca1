#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace rhosweep::core {

/// Returns the processors that this process may run on (its affinity mask), in ascending order; empty if
/// unknown.
std::vector<std::int64_t> usable_processors();

/// Formats ascending numbers as a list of ranges, as Linux does: "0-3,8".
std::string to_list_text(const std::vector<std::int64_t>& numbers);

/// Returns the processor time of this process and of its children that have ended, in seconds.
double processor_seconds();

}  // namespace rhosweep::core
