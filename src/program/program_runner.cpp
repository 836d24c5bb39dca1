#include "program_runner.hpp"

#include <limits>

#include <fmt/format.h>

namespace rhosweep::program {

std::vector<double> ProgramRunner::initial_metrics(const model::SgdSettings&,
                                                   std::span<const std::int64_t> seeds) const {
  return std::vector<double>(metrics().size() * seeds.size(), std::numeric_limits<double>::quiet_NaN());
}

void ProgramRunner::require_runnable(const model::SgdSettings& sgd, const model::Trial& trial) const {
  program::require_runnable(program_, {.trial = trial, .seed = 0, .sgd = sgd, .node_rank = node_rank_});
}

std::optional<std::string> ProgramRunner::program() const {
  return fmt::format("[\"{}\"] in {}", fmt::join(program_.command, "\", \""),
                     working_folder(program_).string());
}

std::optional<model::BlockResult> ProgramRunner::run(const model::SgdSettings& sgd, std::int64_t seed,
                                                     std::span<const model::Trial> trials,
                                                     const model::Yield& yield) const {
  std::vector<model::BlockResult> results;
  for (const model::Trial& trial : trials) {
    auto result =
        run_trial(program_, {.trial = trial, .seed = seed, .sgd = sgd, .node_rank = node_rank_}, yield);
    if (!result) return std::nullopt;
    results.push_back(std::move(*result));
  }
  return model::joined(results);
}

}  // namespace rhosweep::program
