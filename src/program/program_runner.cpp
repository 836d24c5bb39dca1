#include "program_runner.hpp"

#include <cstddef>
#include <limits>

namespace rhosweep::program {

std::vector<double> ProgramRunner::initial_metrics(const model::SgdSettings&,
                                                   std::span<const std::int64_t> seeds) const {
  return std::vector<double>(metrics().size() * seeds.size(), std::numeric_limits<double>::quiet_NaN());
}

void ProgramRunner::require_runnable(const model::SgdSettings& sgd, const model::Trial& trial) const {
  program::require_runnable(program_, {.trials = {&trial, 1}, .sgd = sgd, .place = place_});
}

std::optional<std::string> ProgramRunner::program() const {
  return describe_command(program_.command, working_folder(program_));
}

std::optional<model::BlockResult> ProgramRunner::run(const Program& program, const Run& run,
                                                     const model::Yield& yield) const {
  if (program.mode == Mode::serve) return living_->run(program, run, yield);
  std::vector<model::BlockResult> results;
  for (std::size_t i = 0; i < run.trials.size(); ++i) {
    Run one = run;
    one.trials = run.trials.subspan(i, 1);
    auto result = run_trial(program, one, yield);
    if (!result) return std::nullopt;
    results.push_back(std::move(*result));
  }
  return model::joined(results);
}

std::optional<model::BlockResult> ProgramRunner::run(const model::SgdSettings& sgd, std::int64_t seed,
                                                     std::span<const model::Trial> trials,
                                                     const model::Yield& yield) const {
  return run(program_, {.trials = trials, .seed = seed, .sgd = sgd, .place = place_}, yield);
}

std::optional<model::BlockResult> ProgramRunner::run_observed(const model::SgdSettings& sgd,
                                                              std::int64_t seed,
                                                              std::span<const model::Trial> trials,
                                                              const model::TrialObserver& observer,
                                                              const model::Yield& yield) const {
  Program once = program_;
  once.attempts = 1;
  return run(once, {.trials = trials, .seed = seed, .sgd = sgd, .place = place_, .observer = &observer},
             yield);
}

}  // namespace rhosweep::program
