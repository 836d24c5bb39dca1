#pragma once

#include "rhosweep/core/ids.hpp"
#include "rhosweep/model/cell_set.hpp"
#include "rhosweep/sched/master_mode.hpp"
#include "rhosweep/study/study.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace rhosweep::study {

/// The utilisation that advice on the number of ranks aims at.
inline constexpr double busy_enough = 0.95;

/// Largest number of ranks to advise. The simulation of runs has not been checked for more.
inline constexpr std::int64_t most_advised_ranks = 100'000;

/// The predicted course of a run on a number of ranks.
struct Outlook {
  std::int64_t ranks = 0;
  sched::MasterMode mode = sched::MasterMode::working;
  std::int64_t width = 0;      ///< trials per block
  std::int64_t blocks = 0;     ///< blocks that have a trial to run
  double block_seconds = 0.0;  ///< run time of the longest block
  double seconds = 0.0;        ///< wall time until all blocks are done
  double utilisation = 0.0;    ///< share of the ranks' time that is spent in blocks
  double master_share = 0.0;   ///< share of rank 0's time that is spent on messages
};

class BlocksToRun;
class RecordedTimes;

/// Predicts the course of a run from the speed of a core or from the times of a run. It simulates how the
/// master hands out the blocks (sched::simulate).
class Forecaster {
 public:
  /// @param study must outlive this object
  /// @param speed floating-point operations per second of a core
  /// @param to_run cells to run, at least one; must outlive this object
  Forecaster(const Study& study, double speed, const model::CellSet& to_run);
  Forecaster(const Study& study, double speed, model::CellSet&& to_run) = delete;

  /// @param study must outlive this object
  /// @param times recorded block times of a run, at least one; must outlive this object
  /// @param to_run cells to run, at least one; must outlive this object
  Forecaster(const Study& study, const RecordedTimes& times, const model::CellSet& to_run);

  /// Predicted time in seconds that one core needs to run all cells of `to_run`.
  double core_seconds() const { return core_seconds_; }

  /// Predicts a run on `ranks` ranks. Simulates at most a million blocks. If there are more, it assumes that
  /// all ranks are busy to the end.
  /// @param ranks at least 1
  /// @param mode mode of the master; absent: depends on the number of ranks
  Outlook predict(std::int64_t ranks, std::optional<sched::MasterMode> mode = {}) const;

  /// Returns the prediction for the number of ranks that rhosweep advises before and after a run. This is the
  /// largest number with a utilisation of at least `busy_enough` and at least one block per rank. With more
  /// than 256 possible numbers or 20 000 blocks, the function does not try every number and may miss the
  /// largest.
  /// @param most largest number of ranks to consider, at least 1
  Outlook most_busy(std::int64_t most = most_advised_ranks) const;

  /// Returns advice on the number of ranks, the master and the blocks, one line per item.
  std::vector<std::string> advice(const Outlook& planned) const;

 private:
  Outlook fewest_as_quick(const Outlook& planned) const;

  double seconds_of(const BlocksToRun& blocks, core::BlockIndex index) const;

  const Study& study_;
  double speed_;
  const RecordedTimes* times_ = nullptr;
  const model::CellSet& to_run_;
  double core_seconds_;
};

}  // namespace rhosweep::study
