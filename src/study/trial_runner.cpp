#include "rhosweep/study/trial_runner.hpp"

#include "rhosweep/program/run_trial.hpp"
#include "rhosweep/sgd/run_block.hpp"

namespace rhosweep::study {

std::optional<model::BlockResult> TrialRunner::run(core::PointIndex point, std::int64_t seed,
                                                   const std::vector<std::int64_t>& trials,
                                                   const model::Pulse& pulse) {
  if (study_.command(point) != nullptr) return run_commands(point, seed, trials, pulse);
  std::vector<sgd::Trial> lanes;
  lanes.reserve(trials.size());
  for (const std::int64_t trial : trials) lanes.push_back(study_.trial(point, trial));
  return run_block(study_.problem(point), study_.sweep().sgd(point), study_.grid().seeds[seed], lanes,
                   multipliers_, pulse);
}

std::optional<model::BlockResult> TrialRunner::run_commands(core::PointIndex point, std::int64_t seed,
                                                            const std::vector<std::int64_t>& trials,
                                                            const model::Pulse& pulse) const {
  std::vector<model::BlockResult> results;
  for (const std::int64_t trial : trials) {
    program::Trial one = study_.command_trial(point, seed, trial);
    one.node_rank = node_rank_;
    auto result = program::run_trial(*study_.command(point), one, pulse);
    if (!result) return std::nullopt;
    results.push_back(std::move(*result));
  }
  return model::joined(results);
}

}  // namespace rhosweep::study
