#pragma once

#include "rhosweep/model/block.hpp"
#include "rhosweep/model/pulse.hpp"
#include "rhosweep/sgd/multipliers.hpp"
#include "rhosweep/study/study.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace rhosweep::study {

/// Runs trials of a study, whatever they are: SGD in lockstep, or runs of a program one after the other.
class TrialRunner {
 public:
  /// @param study must outlive it
  /// @param node_rank this rank's number among those of its node
  explicit TrialRunner(const Study& study, std::int64_t node_rank = 0)
      : study_(study), node_rank_(node_rank) {}

  /// @param point axes point
  /// @param seed index into Grid::seeds
  /// @param trials of the (schedule, rho) plane
  /// @param pulse false: give the trials up
  /// @return nothing if the pulse gave them up
  std::optional<model::BlockResult> run(core::PointIndex point, std::int64_t seed,
                                        const std::vector<std::int64_t>& trials, const model::Pulse& pulse);

 private:
  std::optional<model::BlockResult> run_commands(core::PointIndex point, std::int64_t seed,
                                                 const std::vector<std::int64_t>& trials,
                                                 const model::Pulse& pulse) const;

  const Study& study_;
  std::int64_t node_rank_;
  sgd::Multipliers multipliers_;
};

}  // namespace rhosweep::study
