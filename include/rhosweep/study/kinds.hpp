#pragma once

#include "rhosweep/model/problem_settings.hpp"
#include "rhosweep/model/trial_runner.hpp"
#include "rhosweep/problem/registry.hpp"
#include "rhosweep/sgd/multipliers.hpp"

#include <cstdint>
#include <memory>
#include <vector>

namespace rhosweep::study {

/// Every kind that problem.kind may name, in the order of the documentation: the problems, then programs.
std::vector<model::KindDocumentation> kinds();

/// The schemas of all kinds, for the sweep reader.
std::vector<model::ProblemSchema> catalogue();

/// What runners are made with.
struct RunnerParts {
  const problem::Materials& materials;
  std::shared_ptr<sgd::Multipliers> multipliers;
  std::int64_t node_rank;  ///< this rank's number among those of its node
};

/// What the runner of these settings needs before it is made.
problem::Needs needs_of(const model::ProblemSettings& settings, model::Precision precision);

/// What runs the trials of these settings. @param parts with all that it needs
std::shared_ptr<const model::TrialRunner> make_runner(const model::ProblemSettings& settings,
                                                      model::Precision precision, const RunnerParts& parts);

}  // namespace rhosweep::study
