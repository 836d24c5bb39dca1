#pragma once

#include "rhosweep/sched/work.hpp"

namespace rhosweep::sched {

class Transport;

/// A worker's part in a sweep: runs and writes the blocks that the master sends, in their order, reports each
/// one, and returns at Finish.
void run_worker(Transport& transport, const RunBlock& run, const WriteBlock& write);

}  // namespace rhosweep::sched
