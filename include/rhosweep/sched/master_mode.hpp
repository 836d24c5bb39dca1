#pragma once

#include <cstdint>
#include <optional>

namespace rhosweep::sched {

/// What rank 0 does besides handing out blocks.
enum class MasterMode {
  working,   ///< runs blocks too, and serves its workers between mini-batches
  dedicated  ///< runs no blocks, so it answers at once
};

/// By default the master also runs blocks if there are at most this many ranks. A dedicated master costs one
/// rank, which is 3 % of 33 ranks and too much of fewer. With more ranks this share falls, while a working
/// rank 0 keeps more workers waiting, and more messages interrupt its own block.
inline constexpr std::int64_t most_ranks_with_working_master = 32;

/// Returns the requested mode, or by default the one that suits the number of ranks. A single rank always
/// works.
MasterMode choose_master_mode(std::optional<MasterMode> asked, std::int64_t ranks);

}  // namespace rhosweep::sched
