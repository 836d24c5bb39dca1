#pragma once

#include "rhosweep/sched/block_handlers.hpp"

#include <string_view>

namespace rhosweep::sched {

class Master;
class Stop;
class Transport;

/// Rank 0's part in a sweep: hands out all blocks, runs some itself in working mode, and returns when every
/// worker has sent Bye. Handles the workers' messages whenever `run` yields. If any rank is asked to stop,
/// calls Master::drain(). Throws what the transport, the handlers and the master throw, also while `run`
/// yields.
/// @param write stores results of rank 0's own blocks, failures included
/// @param write_failure stores failures of the workers' blocks
void run_master(
    Transport& transport, Master& master, const RunBlock& run, const WriteBlock& write, Stop& stop,
    const WriteFailure& write_failure = [](core::BlockIndex, std::string_view) {});

}  // namespace rhosweep::sched
