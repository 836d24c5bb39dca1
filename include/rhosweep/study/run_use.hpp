#pragma once

#include "rhosweep/core/ids.hpp"
#include "rhosweep/mpi/world.hpp"

#include <cstdint>

namespace rhosweep::study {

/// How a rank used its time while the blocks ran, in seconds.
struct RankUse {
  double busy = 0.0;       ///< time spent in blocks
  double processor = 0.0;  ///< processor time used in blocks, including the processor time of trial programs
  double writing = 0.0;    ///< time spent on writing results

  RankUse& operator+=(const RankUse& more) {
    busy += more.busy;
    processor += more.processor;
    writing += more.writing;
    return *this;
  }
};

/// How the ranks of a run used their time while the blocks ran.
struct RunUse {
  std::int64_t ranks = 1;
  double seconds = 0.0;                ///< wall time
  RankUse sum;                         ///< sum over all ranks
  core::Rank least_used = {};          ///< the rank with the lowest ratio of processor time to busy time
  double least_processor_share = 1.0;  ///< processor time of `least_used` divided by its busy time

  /// The share of the ranks' time that was spent in blocks.
  double busy_share() const { return sum.busy / (seconds * static_cast<double>(ranks)); }
  /// Processor time of the ranks divided by their time in blocks; 1 if each rank had a core for itself.
  double processor_share() const { return sum.busy > 0.0 ? sum.processor / sum.busy : 0.0; }
  /// The share of the ranks' time that was spent on writing results.
  double writing_share() const { return sum.writing / (seconds * static_cast<double>(ranks)); }
};

/// Adds up how all ranks used their time. The result is valid on rank 0 only. **Collective.**
/// @param seconds wall time of the blocks, on rank 0
RunUse gather_use(const RankUse& mine, double seconds, const mpi::World& world);

}  // namespace rhosweep::study
