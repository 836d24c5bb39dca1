#pragma once

#include "living_program.hpp"
#include "run_trial.hpp"

#include "rhosweep/model/trial_runner.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace rhosweep::program {

/// Runs the trials of a block one after another, each as a run of a program, or sends them to a program that
/// serves.
class ProgramRunner final : public model::TrialRunner {
 public:
  /// @param living the process of a program that serves; all runners of a rank share it
  ProgramRunner(Program program, const NodePlace& place, std::shared_ptr<LivingProgram> living)
      : program_(std::move(program)), place_(place), living_(std::move(living)) {}

  const std::vector<model::Metric>& metrics() const override { return program_.metrics; }
  /// Trials that run one at a time share no work and take long, so blocks of one trial balance the load best.
  /// If a program takes several trials at once, a message with fewer trials costs as much as a full one, so a
  /// block has as many trials as a message.
  model::BlockWidths widths(const model::SgdSettings&) const override {
    return {.step = program_.trials_at_once, .most = program_.trials_at_once, .of_shards = 1};
  }
  /// The time per step is unknown, so the cost is the number of steps.
  model::TrialCost cost(const model::SgdSettings& sgd) const override {
    return {.work = static_cast<double>(sgd.steps)};
  }
  model::ObjectiveConstants constants() const override {
    return {.missing = "constants of the objective, which are unknown for a program"};
  }
  bool repeats_itself() const override { return false; }
  std::string unstoppable_by() const override {
    return program_.mode == Mode::serve ? "problem.mode = \"serve\"" : "";
  }
  std::optional<std::string> program() const override;
  /// Returns NaN: finding the metrics at the initial point would take a run of the program.
  std::vector<double> initial_metrics(const model::SgdSettings& sgd,
                                      std::span<const std::int64_t> seeds) const override;
  void require_runnable(const model::SgdSettings& sgd, const model::Trial& trial) const override;
  std::optional<model::BlockResult> run(const model::SgdSettings& sgd, std::int64_t seed,
                                        std::span<const model::Trial> trials,
                                        const model::Yield& yield) const override;
  std::optional<model::BlockResult> run_observed(const model::SgdSettings& sgd, std::int64_t seed,
                                                 std::span<const model::Trial> trials,
                                                 const model::TrialObserver& observer,
                                                 const model::Yield& yield) const override;

 private:
  /// Returns the values for a run of trials. @param observer the observer of the trials; nullptr: none
  Run run_of(const model::SgdSettings& sgd, std::int64_t seed, std::span<const model::Trial> trials,
             const model::TrialObserver* observer) const;
  std::optional<model::BlockResult> run(const Program& program, const Run& run,
                                        const model::Yield& yield) const;

  Program program_;
  NodePlace place_;
  std::shared_ptr<LivingProgram> living_;
};

}  // namespace rhosweep::program
