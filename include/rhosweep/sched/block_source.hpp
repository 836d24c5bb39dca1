#pragma once

#include "rhosweep/core/ids.hpp"
#include "rhosweep/model/block.hpp"
#include "rhosweep/model/cell_set.hpp"

#include <cstdint>
#include <functional>
#include <optional>

namespace rhosweep::sched {

/// The blocks still to be handed out, longest first. A cursor: no list, however many blocks there are.
class BlockSource {
 public:
  /// All blocks of a partition.
  explicit BlockSource(const model::Partition& partition);
  /// Those with a trial that is still to run. Both must outlive the source.
  BlockSource(const model::Partition& partition, const model::CellSet& to_run);

  /// The next block, none after the last.
  std::optional<core::BlockIndex> next();
  std::int64_t remaining() const { return remaining_; }

 private:
  std::function<bool(core::BlockIndex)> wanted_;  ///< empty: every block
  std::int64_t remaining_;
  core::BlockIndex next_;
};

}  // namespace rhosweep::sched
