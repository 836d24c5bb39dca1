#pragma once

#include "placeholders.hpp"

#include "rhosweep/model/metric.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace rhosweep::program {

/// A program whose runs are trials: how it is started, what it reports, and how it is watched.
struct Program {
  /// The argument vector, program first, with placeholders: every key of [sgd], every parameter, and
  /// stepsize, rho, schedule, seed, multipliers, evaluation_steps, scratch, attempt, device.
  std::vector<std::string> command;
  std::vector<model::Metric> metrics;  ///< what the program reports, train_loss first
  Placeholders parameters;             ///< the user's own keys
  double timeout = 0.0;                ///< longest silence, in seconds
  std::int64_t attempts = 1;           ///< how often a trial that fails is started, at most
  std::optional<std::int64_t> devices_per_node;
  std::filesystem::path folder;  ///< where the program starts
};

}  // namespace rhosweep::program
