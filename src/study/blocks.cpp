#include "rhosweep/study/blocks.hpp"

#include <algorithm>

namespace rhosweep::study {

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

BlocksToRun::BlocksToRun(const Study& study, std::int64_t ranks, const model::CellSet& to_run)
    : blocks_(study::partition(study, ranks)),
      to_run_(to_run),
      trials_(to_run.size()),
      is_all_(trials_ == study.grid().cells()) {}

sched::BlockSource BlocksToRun::source() const {
  // Nothing to look up in millions of blocks.
  return is_all_ ? sched::BlockSource(blocks_) : sched::BlockSource(blocks_, to_run_);
}

std::vector<model::Block> BlocksToRun::parts(core::BlockIndex index) const {
  return to_run_.parts(blocks_[index]);
}

double BlocksToRun::predicted_cost(core::BlockIndex index) const {
  const double cost = blocks_.predicted_cost(index);
  if (is_all_) return cost;
  const model::Block block = blocks_[index];
  return cost * static_cast<double>(to_run_.count(block)) / static_cast<double>(block.trials);
}

model::Partition partition(const Study& study, std::int64_t ranks) {
  // Runs of a program share nothing, and are long: one by one they balance best.
  if (study.command(core::PointIndex{0}) != nullptr) return {study.grid(), 1, study.trial_costs()};
  const std::int64_t fitting = cache_bytes / trial_bytes(study);
  const std::int64_t widest = std::clamp(fitting, sgd::tile_width, widest_block);
  const std::int64_t width = model::block_width(study.grid(), ranks, sgd::tile_width, widest);
  return {study.grid(), width, study.trial_costs()};
}

double cost_of(const Study& study, const model::CellSet& cells) {
  const model::Grid& grid = study.grid();
  const std::vector<double> of_trial = study.trial_costs();
  double sum = 0.0;
  for (core::PointIndex point; point.value < grid.points(); ++point) {
    for (std::int64_t seed = 0; seed < std::ssize(grid.seeds); ++seed) {
      const model::Block stream{.point = point, .seed = seed, .first = 0, .trials = grid.trials_per_stream()};
      sum += of_trial[point.value] * static_cast<double>(cells.count(stream));
    }
  }
  return sum;
}

model::CellSet shard_cells(const Study& study, const model::Shard& shard) {
  const bool share_nothing = study.command(core::PointIndex{0}) != nullptr;
  return model::cells_of_shard(study.grid(), shard, share_nothing ? 1 : sgd::tile_width, study.trial_costs());
}

std::int64_t block_bytes(const Study& study, std::int64_t width) {
  return width * trial_bytes(study);
}

}  // namespace rhosweep::study
