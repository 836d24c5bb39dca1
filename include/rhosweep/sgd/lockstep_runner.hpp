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

/// Runs trials of SGD on a problem in lockstep.
class LockstepRunner final : public model::TrialRunner {
 public:
  /// @param problem the objective of all trials
  /// @param multipliers tables of h_t, kept between blocks and shared by all runners of a sweep
  LockstepRunner(std::shared_ptr<const problem::Problem> problem, std::shared_ptr<Multipliers> multipliers);

  const std::vector<model::Metric>& metrics() const override { return problem_->metrics(); }
  /// Returns block widths that are multiples of a tile, the group of trials that vector instructions handle
  /// together. Blocks are wide, so that many trials share a mini-batch, but only as wide as fits into a
  /// core's second-level cache.
  model::BlockWidths widths(const model::SgdSettings& sgd) const override;
  model::TrialCost cost(const model::SgdSettings& sgd) const override;
  model::ObjectiveConstants constants() const override;
  bool repeats_itself() const override { return true; }
  std::vector<double> initial_metrics(const model::SgdSettings& sgd,
                                      std::span<const std::int64_t> seeds) const override;
  /// Adds the minimiser to the hash, because excess_loss and distance depend on it and its last bits depend
  /// on the solver.
  void add_identity(core::Hash& hash) const override;
  std::optional<model::BlockResult> run(const model::SgdSettings& sgd, std::int64_t seed,
                                        std::span<const model::Trial> trials,
                                        const model::Yield& yield) const override;

 private:
  std::shared_ptr<const problem::Problem> problem_;
  std::shared_ptr<Multipliers> multipliers_;
};

}  // namespace rhosweep::sgd
