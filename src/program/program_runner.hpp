#pragma once

#include "run_trial.hpp"

#include "rhosweep/model/trial_runner.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace rhosweep::program {

/// Runs the trials of a block as runs of a program, one after another.
class ProgramRunner final : public model::TrialRunner {
 public:
  ProgramRunner(Program program, const NodePlace& place) : program_(std::move(program)), place_(place) {}

  const std::vector<model::Metric>& metrics() const override { return program_.metrics; }
  /// Runs share no work and take long, so blocks of one trial balance the load best.
  model::BlockWidths widths(const model::SgdSettings&) const override { return {.step = 1, .most = 1}; }
  /// The time per step is unknown, so the cost is the number of steps.
  model::TrialCost cost(const model::SgdSettings& sgd) const override {
    return {.work = static_cast<double>(sgd.steps)};
  }
  model::ObjectiveConstants constants() const override {
    return {.missing = "constants of the objective, which are unknown for a program"};
  }
  bool repeats_itself() const override { return false; }
  std::optional<std::string> program() const override;
  /// Returns NaN: finding the metrics at the initial point would take a run of the program.
  std::vector<double> initial_metrics(const model::SgdSettings& sgd,
                                      std::span<const std::int64_t> seeds) const override;
  void require_runnable(const model::SgdSettings& sgd, const model::Trial& trial) const override;
  std::optional<model::BlockResult> run(const model::SgdSettings& sgd, std::int64_t seed,
                                        std::span<const model::Trial> trials,
                                        const model::Yield& yield) const override;
  std::optional<model::BlockResult> run_observed(const model::SgdSettings& sgd, std::int64_t seed,
                                                 const model::Trial& trial,
                                                 const model::TrialObserver& observer,
                                                 const model::Yield& yield) const override;

 private:
  Program program_;
  NodePlace place_;
};

}  // namespace rhosweep::program
