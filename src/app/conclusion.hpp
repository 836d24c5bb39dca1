#pragma once

#include "commands.hpp"

#include "rhosweep/sched/messages.hpp"
#include "rhosweep/study/stop_switch.hpp"

#include <cstdint>

namespace rhosweep::app {

/// Where the wall time of a run went, in seconds.
struct Times {
  double set_up = 0.0;     ///< reading the sweep and its data, finding the minimisers
  double make_file = 0.0;  ///< or, to resume one, finding what is left
  double blocks = 0.0;
  double write_file = 0.0;  ///< within the blocks, the sum over all ranks
  double close_file = 0.0;  ///< and make it durable
};

void log_times(const Times& times, std::int64_t ranks);

/// Says how a run ended. Throws core::Error with the exit code if trials failed or are left.
/// @param options of the run
/// @param trials how many there were to run
/// @param tally how those ended that were run
/// @param seconds wall time of the run
/// @param stop what may have stopped it
void conclude(const RunOptions& options, std::int64_t trials, const sched::Tally& tally, double seconds,
              const study::StopSwitch& stop);

}  // namespace rhosweep::app
