#pragma once

#include "program.hpp"
#include "run.hpp"

#include "rhosweep/model/trial_runner.hpp"

#include <filesystem>

namespace rhosweep::program {

/// Moves the files that program.keep names from a trial's folder to program.kept/NUMBER, where they replace
/// existing files. Logs a warning for each file that the trial has not written. Without program.kept it moves
/// nothing, and warns only if an observer watches the trial. Throws core::FileError if a file cannot be
/// moved.
/// @param scratch the trial's own folder
/// @pre the program no longer writes to the files
void keep_files(const Program& program, const Run& run, const model::Trial& trial,
                const std::filesystem::path& scratch);

}  // namespace rhosweep::program
