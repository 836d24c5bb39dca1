#pragma once

#include "rhosweep/core/error.hpp"

#include <functional>

namespace rhosweep::app {

/// Runs a command. An exception is printed as one line to standard error and becomes an exit code. Call
/// guarded() inside the scope of the MPI environment, so that the line is printed before a rank can end the
/// job.
/// @param on_lone_failure called after an error that the other ranks do not share
core::ExitCode guarded(
    const std::function<core::ExitCode()>& command, const std::function<void()>& on_lone_failure = [] {});

}  // namespace rhosweep::app
