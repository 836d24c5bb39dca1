#pragma once

#include "program.hpp"

#include "rhosweep/model/block.hpp"
#include "rhosweep/model/pulse.hpp"
#include "rhosweep/model/sgd_settings.hpp"
#include "rhosweep/model/trial_runner.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>

namespace rhosweep::program {

/// One trial as a run of the program.
struct Run {
  const model::Trial& trial;
  std::int64_t seed = 0;
  const model::SgdSettings& sgd;
  std::int64_t node_rank = 0;  ///< this rank's number among those of its node
};

/// The folder that the program starts in, as an absolute path.
std::filesystem::path working_folder(const Program& program);

/// Throws core::InputError unless the program is there and every placeholder has a value.
void require_runnable(const Program& program, const Run& run);

/// Runs the program, again where it fails, up to program.attempts times. Placeholders are replaced in its
/// arguments and stand in its environment, in capitals behind RHOSWEEP_; beside them the environment is this
/// process's, without what MPI tells its ranks. {scratch} is a folder of its own, removed at the end;
/// {multipliers} a file of h_t for t = 0 … T−1, a line each; {evaluation_steps} the steps of the learning
/// curve, with commas between. A trial that fails, because the program cannot be started, ends with another
/// exit code than 0, by a signal or without a value that is due, writes what is no report (Report), or
/// nothing for program.timeout seconds, is data: its failure says why and how standard error ended. Whatever
/// has happened, the program and all its descendants are gone when this returns.
/// @param pulse called some hundred times a second
/// @return one trial; nothing if the pulse gave it up
std::optional<model::BlockResult> run_trial(const Program& program, const Run& run,
                                            const model::Pulse& pulse);

}  // namespace rhosweep::program
