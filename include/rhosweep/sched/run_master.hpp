#pragma once

#include "rhosweep/sched/block_handlers.hpp"

namespace rhosweep::sched {

class Master;
class Stop;
class Transport;

/// Rank 0's part in a sweep: hands out all blocks, runs some itself if the master works, and returns once
/// every worker has left. Messages are served whenever `run` calls its pulse. Asked to stop, by whichever
/// rank, it drains the sweep. Throws what the transport, `write` and the master throw, also if that happens
/// within a pulse.
void run_master(Transport& transport, Master& master, const RunBlock& run, const WriteBlock& write,
                Stop& stop);

}  // namespace rhosweep::sched
