#pragma once

#include "rhosweep/core/error.hpp"

#include <functional>

namespace rhosweep::app {

/// Runs a command; an exception becomes one line on standard error and its exit code. Under MPI it belongs
/// inside the environment's scope: then the line is out before any rank can end the job.
/// @param on_lone_failure called after an error that the other ranks do not share
core::ExitCode guarded(
    const std::function<core::ExitCode()>& command, const std::function<void()>& on_lone_failure = [] {});

}  // namespace rhosweep::app
