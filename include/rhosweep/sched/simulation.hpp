#pragma once

#include "rhosweep/core/ids.hpp"
#include "rhosweep/sched/block_source.hpp"
#include "rhosweep/sched/master_mode.hpp"

#include <cstdint>
#include <functional>

namespace rhosweep::sched {

/// Costs of handing out blocks, in seconds; tests/bench/dispatch.py measures them. The defaults are a few
/// times the values measured in shared memory, because messages between nodes cost more. The default latency
/// is typical of Ethernet.
struct DispatchCosts {
  double receive = 0.5e-6;       ///< time for rank 0 to receive a message and find the answer
  double send = 0.5e-6;          ///< time for rank 0 to send a message
  double latency = 50e-6;        ///< time from sending a message until the message can be received
  double between_yields = 1e-3;  ///< time between two yields of a block that rank 0 runs in mode `working`
  double per_block = 0.0;        ///< time that every rank spends per block on other work, such as writing
};

/// Returns how long a rank takes for a block, in seconds.
using BlockSeconds = std::function<double(core::BlockIndex, core::Rank)>;

/// Result of a simulated sweep.
struct Simulation {
  double makespan = 0.0;        ///< seconds until every worker has sent Bye
  double busy_seconds = 0.0;    ///< seconds spent on blocks, summed over all ranks
  double master_seconds = 0.0;  ///< seconds that rank 0 spent on messages
  double longest_wait = 0.0;    ///< longest time in seconds that a worker waited between two blocks
  std::int64_t messages = 0;    ///< number of messages that rank 0 received
  std::int64_t own_blocks = 0;  ///< number of blocks that rank 0 ran

  /// Returns the share of the ranks' time that was spent on blocks: 1 if no rank ever waited.
  /// @param ranks number of ranks, including rank 0
  double utilisation(std::int64_t ranks) const {
    return busy_seconds / (makespan * static_cast<double>(ranks));
  }
};

/// Simulates a sweep with the real run_master and Master and a clock that advances by events. The workers are
/// simulated only as the master sees them: each runs its blocks in the order of arrival and answers. A
/// simulation takes about 0.3 µs per block, and its memory grows only with the number of ranks. A pure
/// function.
/// @param ranks number of ranks including rank 0, at least 1; a single rank runs blocks in either mode
Simulation simulate(BlockSource blocks, std::int64_t ranks, MasterMode mode, const BlockSeconds& seconds,
                    const DispatchCosts& costs = {});

}  // namespace rhosweep::sched
