#pragma once

#include "rhosweep/sched/block_handlers.hpp"

namespace rhosweep::sched {

class Master;
class Stop;
class Transport;

/// Rank 0's part in a sweep: hands out all blocks, runs some itself in working mode, and returns when every
/// worker has left. It serves messages whenever `run` yields. If any rank is asked to stop, it
/// drains the sweep. Throws what the transport, `write` and the master throw, also while `run` yields.
void run_master(Transport& transport, Master& master, const RunBlock& run, const WriteBlock& write,
                Stop& stop);

}  // namespace rhosweep::sched
