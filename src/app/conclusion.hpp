#pragma once

#include "commands.hpp"

#include "rhosweep/sched/messages.hpp"
#include "rhosweep/study/stop_switch.hpp"

#include <cstdint>

namespace rhosweep::app {

/// Where the wall time of a run went, in seconds.
struct Times {
  double set_up = 0.0;      ///< reading the sweep and its data, computing the minima
  double make_file = 0.0;   ///< making the file or, with --resume, finding the cells that are left
  double blocks = 0.0;      ///< running the blocks
  double write_file = 0.0;  ///< writing results, a part of `blocks`; summed over all ranks
  double close_file = 0.0;  ///< making the file durable and closing it
};

void log_times(const Times& times, std::int64_t ranks);

/// Logs how a run ended. Throws core::Error with the exit code if trials failed or were not run.
/// @param options the options of the run
/// @param trials number of trials that the run had to do
/// @param tally outcomes of the trials that were run
/// @param has_rounds whether more trials may be left than those that the run has begun with
/// @param seconds wall time of the run
/// @param stop the switch that gives the reason if the run was stopped
void conclude(const RunOptions& options, std::int64_t trials, const sched::Tally& tally, bool has_rounds,
              double seconds, const study::StopSwitch& stop);

}  // namespace rhosweep::app
