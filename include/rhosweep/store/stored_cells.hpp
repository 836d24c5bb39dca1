#pragma once

#include "rhosweep/model/block.hpp"

#include <cstdint>
#include <vector>

namespace rhosweep::store {

/// Cells as stored in a file, in the order (seeds, schedules, ρ).
struct StoredCells {
  model::BlockResult result;             ///< states are not validated; seconds are not read
  std::vector<std::uint64_t> checksums;  ///< model::checksums() of what was written; 0 where pending
};

/// How cells were computed, as recorded in the group /run. Each vector has shape (trials).
struct CellHistory {
  std::vector<double> seconds;         ///< wall time: the trial's share of its block's time
  std::vector<std::int32_t> ranks;     ///< the rank that ran each trial
  std::vector<std::int32_t> attempts;  ///< number of the attempt that gave the result, from 1

  /// Returns the history of some consecutive trials.
  CellHistory part(std::int64_t first, std::int64_t count) const;
};

/// The states, checksums and sources of cells, without their results. Each vector has shape (trials).
struct StoredStates {
  std::vector<model::CellStatus> status;  ///< invalid values count as pending
  std::vector<std::uint64_t> checksums;
  std::vector<std::uint16_t> sources;  ///< number of the file that a cell was copied from; 0: not copied
};

}  // namespace rhosweep::store
