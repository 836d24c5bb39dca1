#pragma once

#include "rhosweep/core/ids.hpp"
#include "rhosweep/model/block.hpp"
#include "rhosweep/model/cell_set.hpp"
#include "rhosweep/study/blocks.hpp"
#include "rhosweep/study/study.hpp"

#include <cstdint>
#include <vector>

namespace rhosweep::study {

/// The run times of the blocks of a run. They predict how long the same trials would take in other blocks, to
/// simulate a run with another number of ranks. Takes 4 bytes per block.
class RecordedTimes {
 public:
  /// @param study must outlive this object
  /// @param blocks the blocks of the run
  RecordedTimes(const Study& study, const BlocksToRun& blocks);

  /// Records the run time of a block, in seconds. It is the time of the trials that were to be run, which may
  /// be a part of the block.
  void record(const BlocksToRun& blocks, core::BlockIndex index, double seconds);

  /// Number of blocks that were recorded.
  std::int64_t blocks() const { return recorded_; }
  /// Cost (Study::trial_costs) per second of a rank, averaged over all recorded blocks. @pre a block was
  /// recorded
  double speed() const { return cost_ / seconds_; }
  /// Predicts the run time of consecutive trials in seconds. A trial takes the mean time per trial of its
  /// recorded block. If its block was not recorded, speed() predicts the time.
  /// @pre a block was recorded
  double seconds(const model::Block& trials) const;
  /// Returns the cells of `cells` whose blocks were not recorded.
  model::CellSet left_of(const model::CellSet& cells) const;

 private:
  std::int64_t place(const model::Block& block) const;

  const Study& study_;
  std::vector<double> trial_costs_;
  std::int64_t width_;
  std::int64_t blocks_per_seed_;
  /// Seconds per trial of each block, by axes point, seed and first trial; −1 if the block was not recorded.
  std::vector<float> per_trial_;
  std::int64_t recorded_ = 0;
  double cost_ = 0.0;
  double seconds_ = 0.0;
};

}  // namespace rhosweep::study
