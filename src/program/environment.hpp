#pragma once

#include "placeholders.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace rhosweep::program {

/// The devices of a trial, counted on the node.
struct Devices {
  std::int64_t first = 0;
  std::int64_t count = 1;
  bool are_alone = false;  ///< whether the trial sees no others
};

/// Returns the environment of a trial: that with which this process was started, without the variables that
/// launchers set for ranks, so that a program does not take itself for a rank and may itself be an MPI
/// program. OMP_NUM_THREADS is this rank's share of the processors that it may use, unless it is set. The
/// folder of rhosweep's Python module is on PYTHONPATH. RHOSWEEP_NAME=value is added for each value.
/// If the trial sees some devices alone, CUDA_VISIBLE_DEVICES names them: entries of the list that it holds,
/// as a batch system sets it, or their numbers. A list that is too short is left as it is.
/// @param sharing_ranks number of ranks that may use the same processors, this one included
std::vector<std::string> environment_with(const Placeholders& values, std::int64_t sharing_ranks,
                                          const std::optional<Devices>& devices);

}  // namespace rhosweep::program
