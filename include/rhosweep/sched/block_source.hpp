#pragma once

#include "rhosweep/core/ids.hpp"
#include "rhosweep/model/block.hpp"
#include "rhosweep/model/cell_set.hpp"

#include <cstdint>
#include <functional>
#include <optional>

namespace rhosweep::sched {

/// The blocks that are still to be handed out, longest first. Stores only the position of the next block, so
/// its size does not depend on the number of blocks.
class BlockSource {
 public:
  /// Hands out all blocks of a partition.
  explicit BlockSource(const model::Partition& partition);
  /// Hands out only the blocks that have a trial in `to_run`. Both arguments must outlive the source.
  BlockSource(const model::Partition& partition, const model::CellSet& to_run);

  /// Returns the next block, or nullopt after the last block.
  std::optional<core::BlockIndex> next();
  std::int64_t remaining() const { return remaining_; }

 private:
  std::function<bool(core::BlockIndex)> wanted_;  ///< whether a block is handed out; empty: all blocks are
  std::int64_t remaining_;
  core::BlockIndex next_;
};

}  // namespace rhosweep::sched
