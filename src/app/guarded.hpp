#pragma once

#include "rhosweep/core/error.hpp"

#include <functional>

namespace rhosweep::app {

/// Runs a command; an exception becomes one line on standard error and its exit code. Under MPI it belongs
/// inside the environment's scope: then the line is out before any rank can end the job.
core::ExitCode guarded(const std::function<core::ExitCode()>& command);

}  // namespace rhosweep::app
