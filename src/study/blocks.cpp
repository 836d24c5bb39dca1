#include "rhosweep/study/blocks.hpp"

#include "rhosweep/core/error.hpp"

#include <algorithm>

namespace rhosweep::study {

BlocksToRun::BlocksToRun(const Study& study, std::int64_t ranks, const model::CellSet& to_run)
    : blocks_(study::partition(study, ranks)),
      to_run_(to_run),
      trials_(to_run.size()),
      is_all_(trials_ == study.grid().cells()) {}

sched::BlockSource BlocksToRun::source() const {
  // If all cells are to be run, the source does not have to look at each of millions of blocks.
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

model::BlockWidths block_widths(const Study& study) {
  const core::PointIndex first = study.grid().first_point();
  model::BlockWidths widths = study.runner(first).widths(study.sweep().sgd(first));
  for (core::PointIndex point; point.value < study.grid().axes_points(); ++point)
    if (!study.grid().is_excluded(point))
      widths.most = std::min(widths.most, study.runner(point).widths(study.sweep().sgd(point)).most);
  return widths;
}

model::Partition partition(const Study& study, std::int64_t ranks) {
  const model::BlockWidths widths = block_widths(study);
  return {study.grid(), model::block_width(study.grid(), ranks, widths.step, widths.most),
          study.trial_costs()};
}

double cost_of(const Study& study, const model::CellSet& cells) {
  const model::Grid& grid = study.grid();
  const std::vector<double> of_trial = study.trial_costs();
  double sum = 0.0;
  for (core::PointIndex point; point.value < grid.axes_points(); ++point) {
    for (std::int64_t seed = 0; seed < std::ssize(grid.seeds); ++seed) {
      const model::Block trials{.point = point, .seed = seed, .first = 0, .trials = grid.trials_per_seed()};
      sum += of_trial[point.value] * static_cast<double>(cells.count(trials));
    }
  }
  return sum;
}

model::CellSet shard_cells(const Study& study, const model::Shard& shard) {
  if (study.sweep().search())
    core::refuse("--shard", shard.text() + " with [search], whose rounds need the results of all cells",
                 "a sweep without [search], or no --shard");
  // Which trials of a seed and schedule are stopped depends on others of them, so a shard has all or none.
  const std::int64_t tile =
      study.sweep().stop_when() ? std::ssize(study.grid().rhos) : block_widths(study).of_shards;
  return model::cells_of_shard(study.grid(), shard, tile, study.trial_costs());
}

std::int64_t block_bytes(const Study& study, std::int64_t width) {
  std::int64_t largest = 0;
  for (core::PointIndex point; point.value < study.grid().axes_points(); ++point) {
    if (study.grid().is_excluded(point)) continue;
    const model::TrialCost cost = study.runner(point).cost(study.sweep().sgd(point));
    largest = std::max(largest, width * cost.bytes.value_or(0) + cost.batch_bytes);
  }
  return largest;
}

}  // namespace rhosweep::study
