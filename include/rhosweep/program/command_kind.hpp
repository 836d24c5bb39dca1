#pragma once

#include "rhosweep/model/problem_settings.hpp"
#include "rhosweep/model/trial_runner.hpp"
#include "rhosweep/program/node_place.hpp"

#include <filesystem>
#include <memory>
#include <string_view>

namespace rhosweep::program {

/// The value of problem.kind for programs.
inline constexpr std::string_view command_name = "command";

/// The extension of the folder, beside the results file, in which files of trials are kept (problem.keep).
inline constexpr std::string_view kept_extension = ".kept";

/// Returns the path of a folder that belongs to a results file. The extension replaces .h5 and .nc but is
/// appended to any other name: x.kept for x.h5 and x.nc, but study.a.kept for study.a. So study.a and study.b
/// do not share a folder.
std::filesystem::path folder_beside(const std::filesystem::path& results, std::string_view extension);

/// The process of a program that keeps running between trials.
class LivingProgram;

/// Makes the object that owns a rank's living process. Its destructor ends the process.
std::shared_ptr<LivingProgram> make_living_program();

/// Returns the problem kind for programs: each trial is one run of a program, or an entry in a message to a
/// program that keeps running.
model::KindDocumentation command_kind();

/// Makes a runner that runs the program of these settings.
/// @param living shared by all runners of the rank, so that the rank has at most one living process at a time
/// @param results the results file, beside which output (problem.logs) and files (problem.keep) are kept;
/// empty: nothing is kept
std::shared_ptr<const model::TrialRunner> make_runner(const model::ProblemSettings& settings,
                                                      const NodePlace& place,
                                                      std::shared_ptr<LivingProgram> living,
                                                      const std::filesystem::path& results = {});

}  // namespace rhosweep::program
