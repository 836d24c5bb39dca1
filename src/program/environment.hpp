#pragma once

#include "placeholders.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace rhosweep::program {

/// The devices of a trial, numbered within the node.
struct Devices {
  std::int64_t first = 0;
  std::int64_t count = 1;
  bool are_alone = false;  ///< whether the trial sees no devices but its own
};

/// Returns the environment of a trial: the environment with which this process was started, without the
/// variables that launchers set for ranks. So a program does not mistake itself for a rank, and may itself be
/// an MPI program. Unless it is set, OMP_NUM_THREADS becomes this rank's share of the processors that it may
/// use. The folder of rhosweep's Python module is on PYTHONPATH. RHOSWEEP_NAME=value is added for each value.
/// If the trial sees only its own devices, CUDA_VISIBLE_DEVICES lists them. If a batch system has already set
/// this variable, they are entries of its list, otherwise device numbers. A list that is too short is not
/// changed.
std::vector<std::string> environment_with(const Placeholders& values, std::int64_t sharing_ranks,
                                          const std::optional<Devices>& devices);

}  // namespace rhosweep::program
