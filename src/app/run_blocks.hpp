#pragma once

#include "blocks.hpp"
#include "commands.hpp"
#include "stop_switch.hpp"
#include "study.hpp"

#include "rhosweep/mpi/world.hpp"
#include "rhosweep/sched/messages.hpp"
#include "rhosweep/store/results_file.hpp"

namespace rhosweep::app {

struct BlocksOutcome {
  sched::Tally tally;         ///< on rank 0: how the trials ended that were run
  double file_seconds = 0.0;  ///< what this rank spent writing to the results file
};

/// This rank's part in a sweep: rank 0 hands out the blocks, every rank runs and writes its own.
/// **Collective.**
BlocksOutcome run_blocks(const Study& study, const Work& work, const RunOptions& options,
                         const mpi::World& world, store::ResultsFile& file, StopSwitch& stop);

}  // namespace rhosweep::app
