#pragma once

#include "rhosweep/model/problem_settings.hpp"
#include "rhosweep/model/trial_runner.hpp"

#include <cstdint>
#include <memory>
#include <string_view>

namespace rhosweep::program {

/// What problem.kind is for programs.
inline constexpr std::string_view command_name = "command";

/// The kind of that name: a trial is a run of a program, of which nothing is known but how it is started and
/// what it reports.
model::KindDocumentation command_kind();

/// Runs the program of these settings, one trial after the other.
/// @param node_rank this rank's number among those of its node, which chooses the {device}
std::shared_ptr<const model::TrialRunner> make_runner(const model::ProblemSettings& settings,
                                                      std::int64_t node_rank);

}  // namespace rhosweep::program
