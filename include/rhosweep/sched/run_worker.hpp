#pragma once

#include "rhosweep/sched/block_handlers.hpp"

namespace rhosweep::sched {

class Stop;
class Transport;

/// A worker's part in a sweep: runs and writes the blocks that the master sends, in their order, answers for
/// each one, and returns after Finish. Asked to stop, it tells the master, drops what it has not begun, and
/// what it has begun when it is overdue. Throws what the transport and `write` throw.
void run_worker(Transport& transport, const RunBlock& run, const WriteBlock& write, Stop& stop);

}  // namespace rhosweep::sched
