#pragma once

#include "environment.hpp"
#include "placeholders.hpp"
#include "program.hpp"

#include "rhosweep/model/block.hpp"
#include "rhosweep/model/sgd_settings.hpp"
#include "rhosweep/model/trial_runner.hpp"
#include "rhosweep/program/node_place.hpp"

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace rhosweep::program {

/// The values that a run of trials depends on.
struct Run {
  std::span<const model::Trial> trials;  ///< all with the same seed
  std::int64_t seed = 0;
  const model::SgdSettings& sgd;
  NodePlace place = {};
  std::optional<Devices> devices = {};             ///< nullopt: the program declares none
  const model::TrialObserver* observer = nullptr;  ///< nullptr: none
};

/// The values that are the same for all trials of a run.
struct Common {
  std::vector<std::int64_t> evaluation_steps;  ///< the steps of the learning curve
  Placeholders values;                         ///< the keys of [sgd], the parameters, the device
  std::string members;  ///< the evaluation steps, the keys of [sgd] and the parameters as members of JSON
};
Common common_of(const Program& program, const Run& run);

/// One attempt at a trial.
struct Attempt {
  const model::Trial& trial;
  std::filesystem::path scratch;      ///< the trial's own folder
  std::filesystem::path multipliers;  ///< the file of the trial's multipliers
  std::int64_t number = 1;
};

/// Returns the line of JSON that tells a program its trials.
/// @param table the file of the multipliers of all trials; empty: there is none
std::string message(const Run& run, const Common& common, std::span<const Attempt> attempts,
                    const std::filesystem::path& table);

/// Returns a text as a JSON string. Bytes that are not UTF-8 are replaced, so a path with such bytes is exact
/// only in the program's arguments and environment.
std::string in_quotes(const std::string& text);

/// Begins the log of an attempt at trials, after the logs of earlier attempts. Throws core::FileError if the
/// file cannot be written.
/// @param first the first trial, whose number names the file
/// @param count number of trials
/// @pre program.logs is set
std::ofstream log_of(const Program& program, const Run& run, const model::Trial& first, std::int64_t count,
                     std::int64_t attempt);

/// Returns the program and its arguments. Throws core::InputError for a placeholder without a value.
std::vector<std::string> arguments(const Program& program, const Placeholders& values);

/// Logs why trials failed. Failures with the same reason are logged only a few times.
/// @param first one of the failed trials
/// @param count number of failed trials
/// @param attempt number of the attempt
void warn(const Program& program, const Run& run, const model::Trial& first, std::int64_t count,
          std::int64_t attempt, const std::string& reason);

/// Returns the result of a trial whose last attempt failed.
/// @param reason why it failed; shortened to fit into a results file
model::BlockResult failed_result(const Program& program, const Run& run, const std::string& reason);

}  // namespace rhosweep::program
