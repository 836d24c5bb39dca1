#pragma once

#include "placeholders.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace rhosweep::program {

/// Returns the environment of a trial: that with which this process was started, without the variables that
/// launchers set for ranks, so that a program does not take itself for a rank and may itself be an MPI
/// program. OMP_NUM_THREADS is this rank's share of the processors that it may use, unless it is set. The
/// folder of rhosweep's Python module is on PYTHONPATH. RHOSWEEP_NAME=value is added for each value.
/// @param sharing_ranks number of ranks that may use the same processors, this one included
std::vector<std::string> environment_with(const Placeholders& values, std::int64_t sharing_ranks);

}  // namespace rhosweep::program
