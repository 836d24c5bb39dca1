#pragma once

#include "rhosweep/model/problem_settings.hpp"
#include "rhosweep/model/trial_runner.hpp"

#include <cstdint>
#include <memory>
#include <string_view>

namespace rhosweep::program {

/// The value of problem.kind for programs.
inline constexpr std::string_view command_name = "command";

/// Returns the kind for programs: each trial is one run of a program.
model::KindDocumentation command_kind();

/// Makes a runner that runs the program of these settings, one trial after another.
/// @param node_rank this rank's index among the ranks of its node, which determines {device}
std::shared_ptr<const model::TrialRunner> make_runner(const model::ProblemSettings& settings,
                                                      std::int64_t node_rank);

}  // namespace rhosweep::program
