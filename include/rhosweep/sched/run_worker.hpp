#pragma once

#include "rhosweep/sched/block_handlers.hpp"

namespace rhosweep::sched {

class Stop;
class Transport;

/// A worker's part in a sweep: runs and writes the blocks that the master sends, in order, answers for each
/// one, and returns after Finish. If asked to stop, it tells the master and drops the blocks that it has not
/// started; it abandons a running block once `stop` is overdue. `write` must not store failures: the worker
/// sends them to the master. Throws what the transport and `write` throw.
void run_worker(Transport& transport, const RunBlock& run, const WriteBlock& write, Stop& stop);

}  // namespace rhosweep::sched
