#pragma once

#include "rhosweep/model/problem_settings.hpp"
#include "rhosweep/model/schedule.hpp"
#include "rhosweep/model/trial_runner.hpp"
#include "rhosweep/problem/registry.hpp"
#include "rhosweep/program/command_kind.hpp"
#include "rhosweep/program/node_place.hpp"
#include "rhosweep/sgd/multipliers.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace rhosweep::study {

/// Returns every allowed value of problem.kind with its documentation: the problems, then `command`.
std::vector<model::KindDocumentation> kinds();

/// Returns the schemas of all kinds, which the sweep reader needs.
std::vector<model::ProblemSchema> catalogue();

/// Parses a schedule for a run of `steps` steps. Relative paths in `spec` refer to the current folder. Throws
/// what model::Schedule::parse() throws.
model::Schedule parse_schedule(const std::string& spec, std::int64_t steps);

/// Returns the keys of a kind of problem, or an empty list if the kind is unknown.
std::vector<model::KeySpec> keys_of(const std::string& kind);

/// Returns the names of a runner's metrics as one text, such as "train_loss, distance".
std::string metric_names(const model::TrialRunner& runner);

/// The parts from which runners are made.
struct RunnerParts {
  const problem::Materials& materials;
  std::shared_ptr<sgd::Multipliers> multipliers;
  program::NodePlace place;
  std::shared_ptr<program::LivingProgram> living;
  std::filesystem::path results;  ///< the results file; empty: there is no results file
};

/// Returns which data sets and which minimiser the runner of these settings is made from.
problem::Needs needs_of(const model::ProblemSettings& settings, model::Precision precision);

/// Makes the runner for the trials of these settings.
/// @param parts must include all materials that needs_of() returns for these settings
std::shared_ptr<const model::TrialRunner> make_runner(const model::ProblemSettings& settings,
                                                      model::Precision precision, const RunnerParts& parts);

}  // namespace rhosweep::study
