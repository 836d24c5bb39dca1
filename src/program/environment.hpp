#pragma once

#include "placeholders.hpp"

#include <string>
#include <vector>

namespace rhosweep::program {

/// Returns the environment of a trial: that with which this process was started, without the variables that
/// launchers set for ranks, so that a program does not take itself for a rank and may itself be an MPI
/// program. OMP_NUM_THREADS is the number of processors that this process may use, unless it is set.
/// RHOSWEEP_NAME=value is added for each value.
std::vector<std::string> environment_with(const Placeholders& values);

}  // namespace rhosweep::program
