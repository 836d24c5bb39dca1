#include "rhosweep/study/outlook.hpp"

#include "rhosweep/core/text.hpp"
#include "rhosweep/sched/simulation.hpp"
#include "rhosweep/study/recorded_times.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace rhosweep::study {

namespace {

using sched::MasterMode;

constexpr std::int64_t most_simulated_blocks = 1'000'000;
constexpr double as_quick = 1.03;         // times that differ by less than this factor count as equal
constexpr double write_seconds = 100e-6;  // writing a block's results; a parallel file system may need more

}  // namespace

Forecaster::Forecaster(const Study& study, double speed, const model::CellSet& to_run)
    : study_(study), speed_(speed), to_run_(to_run), core_seconds_(cost_of(study, to_run) / speed) {}

Forecaster::Forecaster(const Study& study, const RecordedTimes& times, const model::CellSet& to_run)
    : study_(study), speed_(times.speed()), times_(&times), to_run_(to_run), core_seconds_(0.0) {
  const model::Grid& grid = study.grid();
  for (core::PointIndex point; point.value < grid.axes_points(); ++point)
    for (std::int64_t seed = 0; seed < std::ssize(grid.seeds); ++seed)
      for (const model::Block& part :
           to_run.parts({.point = point, .seed = seed, .first = 0, .trials = grid.trials_per_seed()}))
        core_seconds_ += times.seconds(part);
}

/// Predicts the run time of a block in seconds, counting only the trials that are to be run.
double Forecaster::seconds_of(const BlocksToRun& blocks, core::BlockIndex index) const {
  if (times_ == nullptr)
    return blocks.predicted_cost(index) * static_cast<double>(blocks.partition().width()) / speed_;
  double sum = 0.0;
  for (const model::Block& part : blocks.parts(index)) sum += times_->seconds(part);
  return sum;
}

Outlook Forecaster::predict(std::int64_t ranks, std::optional<MasterMode> mode) const {
  const BlocksToRun blocks(study_, ranks, to_run_);
  sched::BlockSource source = blocks.source();
  Outlook outlook{.ranks = ranks,
                  .mode = sched::choose_master_mode(mode, ranks),
                  .width = blocks.partition().width(),
                  .blocks = source.remaining()};
  // The simulation calls this once for every block, so this also finds the time of the longest block.
  const auto seconds = [&](core::BlockIndex block, core::Rank) {
    const double predicted = seconds_of(blocks, block);
    outlook.block_seconds = std::max(outlook.block_seconds, predicted);
    return predicted;
  };
  const sched::DispatchCosts costs{.per_block = write_seconds};
  if (outlook.blocks <= most_simulated_blocks) {
    // Ranks that get no block do not change the wall time, so they need not be simulated.
    const std::int64_t useful = std::min(ranks, outlook.blocks + 1);
    const auto result = simulate(std::move(source), useful, outlook.mode, seconds, costs);
    outlook.seconds = result.makespan;
    outlook.master_share = result.master_seconds / result.makespan;
  } else {
    // The longest blocks come first, so one block is enough unless some blocks are partly done.
    while (const auto block = source.next()) {
      seconds(*block, core::Rank{});
      if (blocks.are_all()) break;
    }
    const auto busy = static_cast<double>(outlook.mode == MasterMode::working ? ranks : ranks - 1);
    const double messages = static_cast<double>(outlook.blocks) * (costs.receive + costs.send);
    outlook.seconds = std::max({core_seconds_ / busy, outlook.block_seconds, messages});
    outlook.master_share = messages / outlook.seconds;
  }
  outlook.utilisation = core_seconds_ / (outlook.seconds * static_cast<double>(ranks));
  return outlook;
}

// The utilisation is not monotonic in the number of ranks, so this tries every number if there are few.
// Otherwise it doubles the number while the ranks are busy enough, then bisects.
Outlook Forecaster::most_busy(std::int64_t most) const {
  constexpr std::int64_t few_ranks = 256;
  constexpr std::int64_t few_blocks = 20'000;
  const std::int64_t narrow_blocks = std::max<std::int64_t>(1, to_run_.size() / block_widths(study_).step);
  if (narrow_blocks <= few_blocks)
    most = std::min(most, BlocksToRun(study_, to_run_.size(), to_run_).source().remaining());
  else
    most = std::min(most, narrow_blocks);
  if (most <= few_ranks && narrow_blocks <= few_blocks) {
    Outlook tried = predict(most);
    for (std::int64_t ranks = most - 1; tried.utilisation < busy_enough && ranks > 0; --ranks)
      tried = predict(ranks);
    return tried;
  }
  Outlook found = predict(1);
  for (std::int64_t ranks = 2; ranks <= most; ranks *= 2)
    if (const Outlook tried = predict(ranks); tried.utilisation >= busy_enough) found = tried;
  for (std::int64_t step = found.ranks / 2; step > found.ranks / 64; step /= 2)
    if (const Outlook tried = predict(std::min(found.ranks + step, most)); tried.utilisation >= busy_enough)
      found = tried;
  return found;
}

/// Returns the prediction for the fewest ranks that are about as fast as `planned`, found by bisection.
Outlook Forecaster::fewest_as_quick(const Outlook& planned) const {
  Outlook found = planned;
  std::int64_t too_few = 0;
  while (found.ranks - too_few > 1 + found.ranks / 64) {
    const Outlook tried = predict((found.ranks + too_few) / 2);
    if (tried.seconds <= as_quick * planned.seconds) {
      found = tried;
    } else {
      too_few = tried.ranks;
    }
  }
  return found;
}

std::vector<std::string> Forecaster::advice(const Outlook& planned) const {
  std::vector<std::string> lines;
  const Outlook busy = most_busy();
  lines.push_back(fmt::format("up to {} would be at least {:.0f} % busy ({})",
                              core::counted(busy.ranks, "rank"), 100 * busy_enough,
                              core::to_duration_text(busy.seconds)));
  if (const Outlook fewer = fewest_as_quick(planned); 10 * fewer.ranks <= 9 * planned.ranks)
    lines.push_back(fmt::format("{} would take about as long ({})", core::counted(fewer.ranks, "rank"),
                                core::to_duration_text(fewer.seconds)));
  if (planned.ranks > 1) {
    const bool works = planned.mode == MasterMode::working;
    const Outlook other = predict(planned.ranks, works ? MasterMode::dedicated : MasterMode::working);
    if (as_quick * other.seconds < planned.seconds)
      lines.push_back(fmt::format("--master {} would be quicker ({})", works ? "dedicated" : "working",
                                  core::to_duration_text(other.seconds)));
  }
  if (planned.utilisation < busy_enough && planned.width == block_widths(study_).step)
    lines.push_back(
        fmt::format("blocks cannot be narrower than {}; more seeds or axis values would give more blocks",
                    core::counted(planned.width, "trial")));
  return lines;
}

}  // namespace rhosweep::study
