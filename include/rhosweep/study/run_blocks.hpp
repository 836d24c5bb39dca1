#pragma once

#include "rhosweep/mpi/world.hpp"
#include "rhosweep/sched/master.hpp"
#include "rhosweep/sched/master_mode.hpp"
#include "rhosweep/sched/messages.hpp"
#include "rhosweep/store/results_file.hpp"
#include "rhosweep/study/blocks.hpp"
#include "rhosweep/study/recorded_times.hpp"
#include "rhosweep/study/run_use.hpp"
#include "rhosweep/study/stop_switch.hpp"
#include "rhosweep/study/study.hpp"

#include <cstdint>
#include <functional>
#include <optional>

namespace rhosweep::study {

/// How rank 0 hands out the blocks, and when trials are stopped.
struct DispatchOptions {
  std::optional<sched::MasterMode> master;  ///< absent: the number of ranks determines the mode
  /// The run stops after more than this number of failed trials; absent: no limit.
  std::optional<std::int64_t> max_failures;
  std::int64_t failed_before = 0;                    ///< failed trials of the run's earlier rounds, on rank 0
  std::function<void(const sched::Progress&)> show;  ///< called on rank 0 after every block
  const model::StopTable* stops = nullptr;           ///< when trials are stopped early; nullptr: never
};

struct BlocksOutcome {
  sched::Tally tally;  ///< outcomes of the trials that were run; all numbers are 0 on ranks other than 0
  RankUse use;         ///< how this rank used its time
  /// The times of the blocks, on rank 0. Absent on other ranks, and if there were too many blocks to record.
  std::optional<RecordedTimes> times;
};

/// Runs the blocks on all ranks: rank 0 hands them out, and each rank runs its blocks and writes their
/// results. **Collective.**
BlocksOutcome run_blocks(const Study& study, const BlocksToRun& blocks, const DispatchOptions& options,
                         const mpi::World& world, store::ResultsFile& file, StopSwitch& stop);

}  // namespace rhosweep::study
