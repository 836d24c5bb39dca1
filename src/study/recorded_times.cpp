#include "rhosweep/study/recorded_times.hpp"

#include "rhosweep/core/divide_up.hpp"

#include <algorithm>

namespace rhosweep::study {

namespace {

constexpr float missing = -1.0F;

}  // namespace

RecordedTimes::RecordedTimes(const Study& study, const BlocksToRun& blocks)
    : study_(study),
      trial_costs_(study.trial_costs()),
      width_(blocks.partition().width()),
      blocks_per_seed_(core::divide_up(study.grid().trials_per_seed(), width_)),
      per_trial_(blocks.partition().blocks(), missing) {}

std::int64_t RecordedTimes::place(const model::Block& block) const {
  const std::int64_t seeds = std::ssize(study_.grid().seeds);
  return (block.point.value * seeds + block.seed) * blocks_per_seed_ + block.first / width_;
}

void RecordedTimes::record(const BlocksToRun& blocks, core::BlockIndex index, double seconds) {
  std::int64_t trials = 0;
  for (const model::Block& part : blocks.parts(index)) trials += part.trials;
  const model::Block block = blocks.partition()[index];
  per_trial_[place(block)] = static_cast<float>(seconds / static_cast<double>(trials));
  cost_ += trial_costs_[block.point.value] * static_cast<double>(trials);
  seconds_ += seconds;
  ++recorded_;
}

double RecordedTimes::seconds(const model::Block& trials) const {
  const double predicted = trial_costs_[trials.point.value] / speed();
  double sum = 0.0;
  model::Block rest = trials;
  while (rest.trials > 0) {
    const std::int64_t here = std::min(rest.trials, width_ - rest.first % width_);
    const double recorded = per_trial_[place(rest)];
    sum += static_cast<double>(here) * (recorded >= 0.0 ? recorded : predicted);
    rest.first += here;
    rest.trials -= here;
  }
  return sum;
}

model::CellSet RecordedTimes::left_of(const model::CellSet& cells) const {
  const model::Grid& grid = study_.grid();
  model::CellSet left = cells;
  for (core::PointIndex point; point.value < grid.axes_points(); ++point.value) {
    for (std::int64_t seed = 0; seed < std::ssize(grid.seeds); ++seed) {
      for (std::int64_t first = 0; first < grid.trials_per_seed(); first += width_) {
        const model::Block block{.point = point,
                                 .seed = seed,
                                 .first = first,
                                 .trials = std::min(width_, grid.trials_per_seed() - first)};
        if (per_trial_[place(block)] != missing) left.remove(block);
      }
    }
  }
  return left;
}

}  // namespace rhosweep::study
