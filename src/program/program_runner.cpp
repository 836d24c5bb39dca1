#include "program_runner.hpp"

#include <cstddef>
#include <limits>

namespace rhosweep::program {

namespace {

/// Returns the devices for the trials of a rank. If a node has more ranks than devices, ranks share devices.
std::optional<Devices> devices_of(const Program& program, const NodePlace& place) {
  if (!program.devices_per_node) return std::nullopt;
  const std::int64_t each = program.devices_per_trial.value_or(1);
  return Devices{.first = place.rank % (*program.devices_per_node / each) * each,
                 .count = each,
                 .are_alone = program.devices_per_trial.has_value()};
}

}  // namespace

std::vector<double> ProgramRunner::initial_metrics(const model::SgdSettings&,
                                                   std::span<const std::int64_t> seeds) const {
  return std::vector<double>(metrics().size() * seeds.size(), std::numeric_limits<double>::quiet_NaN());
}

void ProgramRunner::require_runnable(const model::SgdSettings& sgd, const model::Trial& trial) const {
  program::require_runnable(program_, run_of(sgd, 0, {&trial, 1}, nullptr));
}

std::optional<std::string> ProgramRunner::program() const {
  return describe_command(program_.command, working_folder(program_));
}

Run ProgramRunner::run_of(const model::SgdSettings& sgd, std::int64_t seed,
                          std::span<const model::Trial> trials, const model::TrialObserver* observer) const {
  return {.trials = trials,
          .seed = seed,
          .sgd = sgd,
          .place = place_,
          .devices = devices_of(program_, place_),
          .observer = observer};
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
  return run(program_, run_of(sgd, seed, trials, nullptr), yield);
}

std::optional<model::BlockResult> ProgramRunner::run_observed(const model::SgdSettings& sgd,
                                                              std::int64_t seed,
                                                              std::span<const model::Trial> trials,
                                                              const model::TrialObserver& observer,
                                                              const model::Yield& yield) const {
  Program once = program_;
  once.attempts = 1;
  return run(once, run_of(sgd, seed, trials, &observer), yield);
}

}  // namespace rhosweep::program
