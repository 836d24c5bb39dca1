#pragma once

#include "rhosweep/model/trial_runner.hpp"
#include "rhosweep/problem/problem.hpp"
#include "rhosweep/sgd/multipliers.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace rhosweep::sgd {

/// Trials of SGD in lockstep on a problem.
class LockstepRunner final : public model::TrialRunner {
 public:
  /// @param problem that the trials are run on
  /// @param multipliers of all runners of a sweep: tables of h_t that last from block to block
  LockstepRunner(std::shared_ptr<const problem::Problem> problem, std::shared_ptr<Multipliers> multipliers);

  const std::vector<model::Metric>& metrics() const override { return problem_->metrics(); }
  /// Whole tiles, so that a mini-batch serves many trials, but no more than a core's second-level cache
  /// holds.
  model::BlockWidths widths(const model::SgdSettings& sgd) const override;
  model::TrialCost cost(const model::SgdSettings& sgd) const override;
  model::ObjectiveConstants constants() const override;
  bool repeats_itself() const override { return true; }
  std::vector<double> initial_metrics(const model::SgdSettings& sgd,
                                      std::span<const std::int64_t> seeds) const override;
  /// The minimiser, which enters excess_loss and distance and is the solver's to the last bit.
  void add_identity(core::Hash& hash) const override;
  std::optional<model::BlockResult> run(const model::SgdSettings& sgd, std::int64_t seed,
                                        std::span<const model::Trial> trials,
                                        const model::Yield& yield) const override;

 private:
  std::shared_ptr<const problem::Problem> problem_;
  std::shared_ptr<Multipliers> multipliers_;
};

}  // namespace rhosweep::sgd
