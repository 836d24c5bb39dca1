#pragma once

#include <cstdint>
#include <optional>

namespace rhosweep::sched {

/// What rank 0 does besides handing out blocks.
enum class MasterMode {
  working,   ///< runs blocks, too, and answers the workers between its mini-batches
  dedicated  ///< runs no blocks, so that it answers the workers at once
};

/// The largest number of ranks for which the master also runs blocks by default. A dedicated master costs one
/// rank: 3 % of 33 ranks, and a larger share of fewer ranks. With more ranks, this share falls, while a
/// working master keeps more workers waiting and more messages interrupt its own block.
inline constexpr std::int64_t most_ranks_with_working_master = 32;

/// Returns the requested mode, or without a request, the default for this number of ranks. With a single
/// rank, the mode is always `working`.
MasterMode choose_master_mode(std::optional<MasterMode> asked, std::int64_t ranks);

}  // namespace rhosweep::sched
