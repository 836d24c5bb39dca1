#pragma once

#include <cstdint>
#include <optional>

namespace rhosweep::sched {

/// What rank 0 does beside handing out blocks.
enum class MasterMode {
  working,   ///< runs blocks, too, and serves its workers between mini-batches
  dedicated  ///< nothing, so it answers at once
};

/// Ranks up to which a master works unless told otherwise. A dedicated master of 33 ranks gives up 3 % of
/// them; with fewer that is too much to pay. With more the price falls, while a busy rank 0 keeps ever more
/// workers waiting, and its own block waits for ever more messages.
inline constexpr std::int64_t most_ranks_with_working_master = 32;

/// The mode asked for, or the one that suits the number of ranks. A single rank always works.
MasterMode choose_master_mode(std::optional<MasterMode> asked, std::int64_t ranks);

}  // namespace rhosweep::sched
