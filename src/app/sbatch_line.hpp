#pragma once

#include "commands.hpp"

#include "rhosweep/study/job_request.hpp"

#include <string>

namespace rhosweep::app {

/// Returns a time limit as Slurm reads it: "HH:MM:SS", where the hours may exceed 24.
/// @param seconds a whole number of minutes
std::string slurm_time(double seconds);

/// Returns the command line that submits jobs for a sweep; for a job array, it also submits the merge. The
/// line must be run in the current folder. Throws core::InputError if the job scripts are not found.
std::string sbatch_line(const PlanOptions& options, const study::JobRequest& request);

}  // namespace rhosweep::app
