#pragma once

#include "rhosweep/core/ids.hpp"
#include "rhosweep/model/block.hpp"

#include <cstdint>
#include <optional>

namespace rhosweep::sched {

/// The blocks still to be handed out, longest first. A cursor: no list, however many blocks there are.
class BlockSource {
 public:
  explicit BlockSource(const model::Partition& partition) : blocks_(partition.blocks()) {}

  /// The next block, none after the last.
  std::optional<core::BlockIndex> next();
  std::int64_t remaining() const { return blocks_ - next_.value; }

 private:
  std::int64_t blocks_;
  core::BlockIndex next_;
};

}  // namespace rhosweep::sched
