#pragma once

#include "rhosweep/mpi/world.hpp"
#include "rhosweep/sched/master.hpp"
#include "rhosweep/sched/master_mode.hpp"
#include "rhosweep/sched/messages.hpp"
#include "rhosweep/store/results_file.hpp"
#include "rhosweep/study/blocks.hpp"
#include "rhosweep/study/stop_switch.hpp"
#include "rhosweep/study/study.hpp"

#include <cstdint>
#include <functional>
#include <optional>

namespace rhosweep::study {

/// How rank 0 hands out the blocks.
struct DispatchOptions {
  std::optional<sched::MasterMode> master;           ///< absent: chosen by the number of ranks
  std::optional<std::int64_t> max_failures;          ///< more failed trials stop the run; absent: none do
  std::function<void(const sched::Progress&)> show;  ///< called on rank 0 after every block
};

struct BlocksOutcome {
  sched::Tally tally;         ///< on rank 0: how the trials ended that were run
  double file_seconds = 0.0;  ///< what this rank spent writing to the results file
};

/// This rank's part in a sweep: rank 0 hands out the blocks, every rank runs and writes its own.
/// **Collective.**
BlocksOutcome run_blocks(const Study& study, const BlocksToRun& blocks, const DispatchOptions& options,
                         const mpi::World& world, store::ResultsFile& file, StopSwitch& stop);

}  // namespace rhosweep::study
