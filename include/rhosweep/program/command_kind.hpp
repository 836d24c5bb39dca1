#pragma once

#include "rhosweep/model/problem_settings.hpp"
#include "rhosweep/model/trial_runner.hpp"
#include "rhosweep/program/node_place.hpp"

#include <memory>
#include <string_view>

namespace rhosweep::program {

/// The value of problem.kind for programs.
inline constexpr std::string_view command_name = "command";

/// Returns the kind for programs: each trial is one run of a program.
model::KindDocumentation command_kind();

/// Makes a runner that runs the program of these settings, one trial after another.
std::shared_ptr<const model::TrialRunner> make_runner(const model::ProblemSettings& settings,
                                                      const NodePlace& place);

}  // namespace rhosweep::program
