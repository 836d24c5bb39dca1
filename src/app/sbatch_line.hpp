#pragma once

#include "commands.hpp"

#include "rhosweep/study/job_request.hpp"

#include <string>

namespace rhosweep::app {

/// Returns a time limit as Slurm reads it: "HH:MM:SS", the hours also beyond 24.
/// @param seconds a whole number of minutes
std::string slurm_time(double seconds);

/// Returns the command that submits jobs for a sweep, one line, or one that also submits the merge of a job
/// array. It works from the current folder. Throws core::InputError if the job scripts are not found.
std::string sbatch_line(const PlanOptions& options, const study::JobRequest& request);

}  // namespace rhosweep::app
