#pragma once

#include "placeholders.hpp"

#include <string>
#include <vector>

namespace rhosweep::program {

/// Returns this process's environment without the variables that MPI libraries set for ranks, and with
/// RHOSWEEP_NAME=value for each value. So a program may itself be an MPI program.
std::vector<std::string> environment_with(const Placeholders& values);

}  // namespace rhosweep::program
