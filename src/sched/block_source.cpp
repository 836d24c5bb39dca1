#include "rhosweep/sched/block_source.hpp"

namespace rhosweep::sched {

std::optional<core::BlockIndex> BlockSource::next() {
  if (remaining() == 0) return std::nullopt;
  const core::BlockIndex block = next_;
  ++next_;
  return block;
}

}  // namespace rhosweep::sched
