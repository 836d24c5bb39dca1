#include "blocks.hpp"

#include <algorithm>

namespace rhosweep::app {

namespace {

constexpr std::int64_t cache_bytes = std::int64_t{512} << 10;
constexpr std::int64_t widest_block = 512;

/// Bytes of one trial's iterate, of what the optimizer keeps beside it, and of its gradient.
std::int64_t trial_bytes(const Study& study) {
  std::int64_t largest = 0;
  for (core::PointIndex point; point.value < study.grid().points(); ++point) {
    const model::SgdSettings sgd = study.sweep().sgd(point);
    const std::int64_t number = sgd.precision == model::Precision::float64 ? 8 : 4;
    largest = std::max(largest, number * (model::numbers_kept(sgd) + 1) * study.problem(point).dimension());
  }
  return largest;
}

}  // namespace

Work::Work(const Study& study, std::int64_t ranks, std::optional<model::CellSet> to_run)
    : blocks_(app::partition(study, ranks)),
      to_run_(std::move(to_run)),
      trials_(to_run_ ? to_run_->size() : study.grid().cells()) {}

sched::BlockSource Work::source() const {
  return to_run_ ? sched::BlockSource(blocks_, *to_run_) : sched::BlockSource(blocks_);
}

std::vector<model::Block> Work::parts(core::BlockIndex index) const {
  const model::Block block = blocks_[index];
  return to_run_ ? to_run_->parts(block) : std::vector{block};
}

double Work::predicted_cost(core::BlockIndex index) const {
  std::int64_t trials = 0;
  for (const model::Block& part : parts(index)) trials += part.trials;
  return blocks_.predicted_cost(index) * static_cast<double>(trials) /
         static_cast<double>(blocks_[index].trials);
}

model::Partition partition(const Study& study, std::int64_t ranks) {
  // Runs of a program share nothing, and are long: one by one they balance best.
  if (study.command(core::PointIndex{0}) != nullptr) return {study.grid(), 1, study.trial_work()};
  const std::int64_t fitting = cache_bytes / trial_bytes(study);
  const std::int64_t widest = std::clamp(fitting, sgd::tile_width, widest_block);
  const std::int64_t width = model::block_width(study.grid(), ranks, sgd::tile_width, widest);
  return {study.grid(), width, study.trial_work()};
}

model::CellSet shard_cells(const Study& study, const model::Shard& shard) {
  const bool share_nothing = study.command(core::PointIndex{0}) != nullptr;
  return model::cells_of_shard(study.grid(), shard, share_nothing ? 1 : sgd::tile_width, study.trial_work());
}

std::int64_t block_bytes(const Study& study, std::int64_t width) {
  return width * trial_bytes(study);
}

}  // namespace rhosweep::app
