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
  serve  ///< a process runs one trial after another, or several at once, as it is told on standard input
};

/// A program whose runs are trials: how it is started, which metrics it reports, and when it counts as
/// failed.
struct Program {
  /// The program and its arguments. They may contain placeholders for all keys of [sgd], all parameters, and
  /// stepsize, rho, schedule, seed, multipliers, evaluation_steps, scratch, attempt, device. With
  /// Mode::serve, only for keys of [sgd], parameters and device.
  std::vector<std::string> command;
  std::vector<model::Metric> metrics;              ///< metrics that the program reports, train_loss first
  std::map<std::string, model::Value> parameters;  ///< keys that the user has added to [problem]
  double timeout = 0.0;       ///< a program that writes nothing for this many seconds has failed
  std::int64_t attempts = 1;  ///< maximum number of times that a trial is started
  std::optional<std::int64_t> devices_per_node;
  std::optional<std::int64_t> devices_per_trial;  ///< absent: trials are not confined to devices
  Mode mode = Mode::once;
  std::int64_t trials_at_once = 1;  ///< most trials of a message; 1 with Mode::once
  std::optional<std::int64_t>
      trials_per_process;  ///< a process that has run so many is replaced; absent: no limit
  std::optional<std::filesystem::path>
      logs;                       ///< the folder for the output of every trial; absent: it is not kept
  std::vector<std::string> keep;  ///< names of files of trials that are kept
  std::optional<std::filesystem::path> kept;  ///< the folder for them; absent: they are not kept
  std::filesystem::path folder;               ///< working directory of the program
};

}  // namespace rhosweep::program
