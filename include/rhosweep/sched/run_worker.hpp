#pragma once

#include "rhosweep/sched/block_handlers.hpp"

namespace rhosweep::sched {

class Stop;
class Transport;

/// A worker's part in a sweep: runs and writes the blocks that the master sends, in order, reports each block
/// to the master, and returns after Finish. If this rank is asked to stop, tells the master and drops the
/// blocks that have not started. Abandons the running block once stop.overdue() is true. `write` must not
/// store failures: the worker sends them to the master. Throws what the transport and `write` throw.
void run_worker(Transport& transport, const RunBlock& run, const WriteBlock& write, Stop& stop);

}  // namespace rhosweep::sched
