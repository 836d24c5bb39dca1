#pragma once

#include "placeholders.hpp"

#include "rhosweep/model/metric.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace rhosweep::program {

/// A program whose runs are trials: how it is started, which metrics it reports, and when it counts as
/// failed.
struct Program {
  /// The program and its arguments. They may contain placeholders for all keys of [sgd], all parameters, and
  /// stepsize, rho, schedule, seed, multipliers, evaluation_steps, scratch, attempt, device.
  std::vector<std::string> command;
  std::vector<model::Metric> metrics;  ///< metrics that the program reports, train_loss first
  Placeholders parameters;             ///< keys that the user has added to [problem]
  double timeout = 0.0;                ///< a program that writes nothing for this many seconds has failed
  std::int64_t attempts = 1;           ///< maximum number of times that a trial is started
  std::optional<std::int64_t> devices_per_node;
  std::filesystem::path folder;  ///< working directory of the program
};

}  // namespace rhosweep::program
