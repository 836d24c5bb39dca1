#include "rhosweep/sched/block_source.hpp"

namespace rhosweep::sched {

BlockSource::BlockSource(const model::Partition& partition) : remaining_(partition.blocks()) {}

BlockSource::BlockSource(const model::Partition& partition, const model::CellSet& to_run)
    : wanted_([&](core::BlockIndex block) { return to_run.meets(partition[block]); }), remaining_(0) {
  for (core::BlockIndex block; block.value < partition.blocks(); ++block)
    if (wanted_(block)) ++remaining_;
}

std::optional<core::BlockIndex> BlockSource::next() {
  if (remaining_ == 0) return std::nullopt;
  while (wanted_ && !wanted_(next_)) ++next_;
  const core::BlockIndex block = next_;
  ++next_;
  --remaining_;
  return block;
}

}  // namespace rhosweep::sched
