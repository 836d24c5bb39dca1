#pragma once

#include "rhosweep/core/ids.hpp"
#include "rhosweep/sched/block_source.hpp"
#include "rhosweep/sched/master_mode.hpp"

#include <cstdint>
#include <functional>

namespace rhosweep::sched {

/// What it costs to hand out blocks, in seconds. tests/bench/dispatch.py measures it; the defaults are some
/// times what it finds in shared memory, since the messages of a cluster cost more, and the latency of
/// Ethernet.
struct DispatchCosts {
  double receive = 0.5e-6;  ///< of rank 0, to take a message and to find the answer
  double send = 0.5e-6;     ///< of rank 0, to send a message
  double latency = 50e-6;   ///< from the sending of a message until its receiver can take it
  double pulse = 1e-3;      ///< between two pulses of a block, when a working rank 0 serves
  double per_block = 0.0;   ///< of every rank, per block: what is spent outside of it, as on writing
};

/// How long a rank takes for a block, in seconds.
using BlockSeconds = std::function<double(core::BlockIndex, core::Rank)>;

/// What a simulated sweep gave.
struct Simulation {
  double makespan = 0.0;        ///< seconds until every worker has left
  double work = 0.0;            ///< seconds of all blocks in sum
  double master_seconds = 0.0;  ///< that rank 0 handled messages
  double longest_wait = 0.0;    ///< seconds of a worker between a block and the next
  std::int64_t messages = 0;    ///< that rank 0 took
  std::int64_t own_blocks = 0;  ///< that rank 0 ran

  /// The share of the ranks' time that went into blocks: 1 if nobody ever waited. @param ranks rank 0
  /// included
  double utilisation(std::int64_t ranks) const { return work / (makespan * static_cast<double>(ranks)); }
};

/// Hands out the blocks by run_master and Master themselves, with a clock that passes in events instead of
/// time. Of the workers only what the master sees is simulated: each runs its blocks in the order in which
/// they came, and answers. Takes some 0.3 us per block; memory grows with the ranks alone. A pure function.
/// @param ranks rank 0 included, at least 1; a single rank works whatever the mode
Simulation simulate(BlockSource blocks, std::int64_t ranks, MasterMode mode, const BlockSeconds& seconds,
                    const DispatchCosts& costs = {});

}  // namespace rhosweep::sched
