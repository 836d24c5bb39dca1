#include "run_trial.hpp"

#include "kept_files.hpp"
#include "running_program.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/core/text.hpp"
#include "rhosweep/process/child.hpp"
#include "rhosweep/program/report.hpp"

#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

#include <fmt/format.h>

namespace rhosweep::program {

namespace {

/// Returns the placeholder values of one run of the program. @param attempt the attempt, with its paths
Placeholders placeholders(const Run& run, const Common& common, const Attempt& attempt) {
  Placeholders values = common.values;
  values["stepsize"] = core::to_text(attempt.trial.stepsize);
  values["rho"] = core::to_text(attempt.trial.rho);
  values["schedule"] = attempt.trial.schedule->name();
  values["seed"] = fmt::format("{}", run.seed);
  values["evaluation_steps"] = fmt::format("{}", fmt::join(common.evaluation_steps, ","));
  values["scratch"] = attempt.scratch.string();
  values["multipliers"] = attempt.multipliers.string();
  values["attempt"] = fmt::format("{}", attempt.number);
  return values;
}

/// Makes one attempt at a trial: one run of the program.
std::optional<model::BlockResult> try_once(const Program& program, const Run& run, std::int64_t number,
                                           const model::Yield& yield) {
  RunningProgram running(program);
  const Common common = common_of(program, run);
  const Attempt attempt{.trial = run.trials.front(),
                        .scratch = running.folder(),
                        .multipliers = running.folder() / "multipliers.txt",
                        .number = number};
  MultipliersFile multipliers =
      MultipliersFile::text(attempt.multipliers, *attempt.trial.schedule, run.sgd.steps);
  while (write_due({&multipliers, 1}))
    if (!yield()) return std::nullopt;
  Placeholders values = placeholders(run, common, attempt);
  const std::vector<std::string> words = arguments(program, values);
  const std::filesystem::path told = running.folder() / "trial.json";
  std::ofstream file(told);
  file << message(run, common, {&attempt, 1}, "") << '\n' << std::flush;
  if (!file) throw core::FileError(told.string(), "cannot write what the trial is told");
  values["message"] = told.string();
  values.emplace("mode", "once");
  if (program.logs) running.log_to(log_of(program, run, attempt.trial, 1, number));
  running.start(words, values, process::Input::empty, run);

  Report report(program.metrics, common.evaluation_steps, attempt.trial.stop);
  try {
    const auto heard = running.listen(
        {.take_line = [&](std::string_view line, Report::Start start) { report.read(line, start); },
         .is_satisfied = [&] { return report.is_over(); },
         .multipliers = {&multipliers, 1},
         .observer = run.observer},
        yield);
    if (heard == RunningProgram::Heard::drain) return std::nullopt;
    if (heard == RunningProgram::Heard::all && !running.outcome().succeeded())
      throw core::Error(running.outcome().text());
    auto result = report.result();
    if (result.status[0] == model::CellStatus::done) keep_files(program, run, attempt.trial, attempt.scratch);
    return result;
  } catch (const core::Error& error) {
    running.end();
    throw core::Error(running.with_error(error.what()));
  }
}

}  // namespace

void require_runnable(const Program& program, const Run& run) {
  const auto fail = [](const std::string& what, const char* allowed) {
    core::refuse("problem.command", what, allowed);
  };
  const std::string& name = program.command.front();
  if (!process::find_program(name, working_folder(program)))
    fail(fmt::format("\"{}\", which is not a program on this machine", name),
         "a program on PATH, or one with a slash, relative to the sweep file");
  try {
    arguments(program, placeholders(run, common_of(program, run),
                                    {.trial = run.trials.front(), .scratch = "", .multipliers = ""}));
  } catch (const core::InputError& error) {
    fail(error.what(), "placeholders of keys that have a value");
  }
}

std::optional<model::BlockResult> run_trial(const Program& program, const Run& run,
                                            const model::Yield& yield) {
  for (std::int64_t attempt = 1;; ++attempt) {
    std::optional<model::BlockResult> result;
    try {
      result = try_once(program, run, attempt, yield);
    } catch (const core::Error& error) {
      warn(program, run, run.trials.front(), 1, attempt, error.what());
      if (attempt < program.attempts) continue;
      result = failed_result(program, run, error.what());
    }
    if (result) result->attempts = static_cast<std::int32_t>(attempt);
    return result;
  }
}

}  // namespace rhosweep::program
