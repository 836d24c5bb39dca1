#pragma once

#include "rhosweep/model/cell_set.hpp"
#include "rhosweep/sched/master_mode.hpp"
#include "rhosweep/study/study.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace rhosweep::study {

/// How a run would go on a number of ranks.
struct Outlook {
  std::int64_t ranks = 0;
  sched::MasterMode mode = sched::MasterMode::working;
  std::int64_t width = 0;      ///< trials per block
  std::int64_t blocks = 0;     ///< with a trial to run
  double block_seconds = 0.0;  ///< of the longest
  double seconds = 0.0;        ///< from the first block to the last
  double utilisation = 0.0;    ///< share of the ranks' time that goes into blocks
  double master_share = 0.0;   ///< share of rank 0's time that goes into messages
};

/// Predicts how a run goes, from the time of a block and the simulated hand-out of all (sched::simulate).
class Forecaster {
 public:
  /// @param study must outlive it
  /// @param speed of a core, in floating-point operations per second
  /// @param to_run the cells, at least one, which must outlive it
  Forecaster(const Study& study, double speed, const model::CellSet& to_run);
  Forecaster(const Study& study, double speed, model::CellSet&& to_run) = delete;

  /// Seconds of one core for all trials that are to be run.
  double core_seconds() const { return core_seconds_; }

  /// Cuts the grid for so many ranks and hands the blocks out. More than a million are not simulated, but
  /// taken to share out evenly.
  /// @param ranks at least 1
  /// @param mode absent: chosen by the number of ranks
  Outlook predict(std::int64_t ranks, std::optional<sched::MasterMode> mode = {}) const;

  /// What a user might do better than planned, a line each.
  std::vector<std::string> advice(const Outlook& planned) const;

 private:
  Outlook most_busy() const;
  Outlook fewest_as_quick(const Outlook& planned) const;

  const Study& study_;
  double speed_;
  const model::CellSet& to_run_;
  double core_seconds_;
};

}  // namespace rhosweep::study
