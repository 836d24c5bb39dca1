#pragma once

#include "placeholders.hpp"

#include <string>
#include <vector>

namespace rhosweep::program {

/// This process's environment without what an MPI library tells its ranks, for a program that may be an MPI
/// program itself, and with RHOSWEEP_NAME=value for every value.
std::vector<std::string> environment_with(const Placeholders& values);

}  // namespace rhosweep::program
