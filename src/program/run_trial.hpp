#pragma once

#include "program.hpp"
#include "run.hpp"

#include "rhosweep/model/block.hpp"
#include "rhosweep/model/yield.hpp"

#include <optional>

namespace rhosweep::program {

/// Throws core::InputError if the program does not exist or a placeholder has no value.
void require_runnable(const Program& program, const Run& run);

/// Runs the program for the first trial of a run, up to program.attempts times while it fails.
///
/// Placeholders are replaced in the arguments, and their values are in the environment as RHOSWEEP_NAME with
/// NAME in capitals. {scratch} is a new folder, removed at the end. {multipliers} is a file with h_t for t =
/// 0 … T−1, one per line. {evaluation_steps} lists the steps of the learning curve, separated by commas.
/// RHOSWEEP_MESSAGE names a file with the line that a program with Mode::serve would get for this trial.
///
/// An attempt fails if the program cannot be started, exits with a code other than 0, is killed, does not
/// report a required value, writes an invalid report (Report), or writes nothing for program.timeout seconds.
/// A failed trial does not throw: its result has the status failed and a message with the reason and the end
/// of standard error. When this function returns, the program and all its descendants have ended.
/// @param yield called some hundred times per second
/// @return the result of the trial; nullopt if `yield` returned false
std::optional<model::BlockResult> run_trial(const Program& program, const Run& run,
                                            const model::Yield& yield);

}  // namespace rhosweep::program
