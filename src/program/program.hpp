#pragma once

#include "placeholders.hpp"

#include "rhosweep/model/metric.hpp"

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace rhosweep::program {

/// How a program runs trials.
enum class Mode {
  once,  ///< each process of the program runs one trial
  serve  ///< a process runs one trial after another, or several at once, as messages on standard input ask
};

/// A program that runs trials: how it is started, which metrics it reports, and when it counts as failed.
struct Program {
  /// The program and its arguments. They may contain placeholders for all keys of [sgd], all parameters, and
  /// stepsize, rho, schedule, seed, multipliers, evaluation_steps, scratch, attempt, device. With
  /// Mode::serve, only placeholders for keys of [sgd], parameters and device are allowed.
  std::vector<std::string> command;
  std::vector<model::Metric> metrics;              ///< metrics that the program reports, train_loss first
  std::map<std::string, model::Value> parameters;  ///< keys that the user has added to [problem]
  double timeout = 0.0;       ///< a program that writes nothing for this many seconds has failed
  std::int64_t attempts = 1;  ///< maximum number of times that a trial is started
  std::optional<std::int64_t> devices_per_node;
  std::optional<std::int64_t> devices_per_trial;  ///< absent: trials are not confined to devices
  Mode mode = Mode::once;
  std::int64_t trials_at_once = 1;  ///< maximum number of trials in a message; 1 with Mode::once
  std::optional<std::int64_t>
      trials_per_process;  ///< number of trials after which a process is replaced; absent: no limit
  std::optional<std::filesystem::path>
      logs;                       ///< folder for the output of every trial; absent: output is not kept
  std::vector<std::string> keep;  ///< names of the trials' files that are kept
  std::optional<std::filesystem::path> kept;  ///< folder for kept files; absent: no files are kept
  std::filesystem::path folder;               ///< working directory of the program
};

}  // namespace rhosweep::program
