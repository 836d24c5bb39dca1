#pragma once

#include "rhosweep/core/ids.hpp"
#include "rhosweep/model/block.hpp"
#include "rhosweep/model/cell_set.hpp"

#include <cstdint>
#include <functional>
#include <optional>

namespace rhosweep::sched {

/// The blocks that are still to be handed out, longest first. It is a cursor, so its size does not depend on
/// the number of blocks.
class BlockSource {
 public:
  /// All blocks of a partition.
  explicit BlockSource(const model::Partition& partition);
  /// Only blocks with a trial that is still to be run. Both arguments must outlive the source.
  BlockSource(const model::Partition& partition, const model::CellSet& to_run);

  /// Returns the next block; nullopt after the last one.
  std::optional<core::BlockIndex> next();
  std::int64_t remaining() const { return remaining_; }

 private:
  std::function<bool(core::BlockIndex)> wanted_;  ///< empty: every block
  std::int64_t remaining_;
  core::BlockIndex next_;
};

}  // namespace rhosweep::sched
