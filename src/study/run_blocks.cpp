#include "rhosweep/study/run_blocks.hpp"

#include "rhosweep/core/log.hpp"
#include "rhosweep/core/processors.hpp"
#include "rhosweep/core/text.hpp"
#include "rhosweep/mpi/mpi_transport.hpp"
#include "rhosweep/sched/master.hpp"
#include "rhosweep/sched/run_master.hpp"
#include "rhosweep/sched/run_worker.hpp"
#include "rhosweep/sched/transport.hpp"
#include "rhosweep/study/cell_label.hpp"
#include "rhosweep/study/stopwatch.hpp"
#include "rhosweep/study/time_limit.hpp"

#include <algorithm>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

namespace rhosweep::study {

using core::BlockIndex;

namespace {

constexpr std::int64_t most_recorded_blocks = 1'000'000;

/// Runs the trials of one block. If a problem's code throws, the trials are recorded as failed and the run
/// goes on.
/// @return nullopt if `yield` returned false
std::optional<model::BlockResult> run_guarded(const Study& study, const std::vector<model::Block>& parts,
                                              const model::StopTable* stops, const model::Yield& yield) {
  const Stopwatch stopwatch;
  const core::PointIndex point = parts.front().point;
  const std::int64_t seed = parts.front().seed;
  std::vector<std::int64_t> trials;
  for (const model::Block& part : parts)
    for (std::int64_t i = 0; i < part.trials; ++i) trials.push_back(part.first + i);
  std::optional<model::BlockResult> result;
  try {
    result = study.run(point, seed, trials, stops, yield);
  } catch (const std::exception& error) {
    const std::string reason = core::message_of(error);
    const std::string where = point_label(study.grid(), point);
    core::log::write_repeated_warning(
        reason,
        fmt::format("{} of seed {} failed: {}{}{}", core::counted(std::ssize(trials), "trial"),
                    study.grid().seeds[seed], reason, where.empty() ? "" : "; at ", where),
        std::ssize(trials));
    result.emplace(std::ssize(trials), std::ssize(study.runner(point).metrics()),
                   study.sweep().sgd(point).evaluations);
    std::fill(result->status.begin(), result->status.end(), model::CellStatus::failed);
    result->failure = reason;
  }
  if (result) result->seconds = stopwatch.seconds();
  return result;
}

/// Writes blocks to the results file, and makes the file durable every `sync_seconds`.
class Writer {
 public:
  Writer(store::ResultsFile& file, core::Rank rank, double sync_seconds)
      : file_(file), rank_(rank), sync_seconds_(sync_seconds) {}

  /// Writes the results of a block. `result` contains the results of all parts, one part after another.
  void write(const std::vector<model::Block>& parts, const model::BlockResult& result) {
    const Stopwatch stopwatch;
    std::int64_t first = 0;
    for (const model::Block& part : parts) {
      model::BlockResult of_part = result.part(first, part.trials);
      if (rank_ != sched::master_rank) of_part.failure.clear();  // rank 0 writes all failures
      file_.write(part, of_part, rank_);
      first += part.trials;
    }
    finish(stopwatch);
  }

  /// Writes why trials of another rank failed.
  void write_failure(const std::vector<model::Block>& parts, std::string_view reason) {
    const Stopwatch stopwatch;
    file_.write_failure(parts.front(), reason);
    finish(stopwatch);
  }

  /// Time spent in writing so far.
  double seconds() const { return seconds_; }

 private:
  void finish(const Stopwatch& stopwatch) {
    if (since_sync_.seconds() >= sync_seconds_) {
      file_.sync();
      since_sync_ = Stopwatch();
    }
    seconds_ += stopwatch.seconds();
  }

  store::ResultsFile& file_;
  core::Rank rank_;
  double sync_seconds_;
  Stopwatch since_sync_;
  double seconds_ = 0.0;
};

}  // namespace

BlocksOutcome run_blocks(const Study& study, const BlocksToRun& blocks, const DispatchOptions& options,
                         const mpi::World& world, store::ResultsFile& file, StopSwitch& stop) {
  Writer writer(file, world.rank(), study.sweep().output().sync_seconds);
  RankUse use;
  const auto run = [&](BlockIndex index, const model::Yield& yield) {
    const Stopwatch stopwatch;
    const double processor = core::processor_seconds();
    auto result = run_guarded(study, blocks.parts(index), options.stops, yield);
    use.busy += stopwatch.seconds();
    use.processor += core::processor_seconds() - processor;
    return result;
  };
  const auto write = [&](BlockIndex index, const model::BlockResult& result) {
    writer.write(blocks.parts(index), result);
  };

  mpi::MpiTransport transport(world);
  BlocksOutcome outcome;
  if (world.rank() != sched::master_rank) {
    sched::run_worker(transport, run, write, stop);
    outcome.use = {.busy = use.busy, .processor = use.processor, .writing = writer.seconds()};
    return outcome;
  }
  if (blocks.partition().blocks() <= most_recorded_blocks) outcome.times.emplace(study, blocks);
  sched::Tally& tally = outcome.tally;
  Forecast forecast;
  const auto observe = [&](const sched::Progress& progress, BlockIndex block) {
    if (outcome.times) outcome.times->record(blocks, block, progress.tally.seconds - tally.seconds);
    tally = progress.tally;
    forecast.count(blocks.predicted_cost(block), tally.seconds);
    options.show(progress);
    if (options.max_failures && options.failed_before + tally.failed > *options.max_failures)
      stop.request("more than " + core::counted(*options.max_failures, "failed trial"));
  };
  const auto admit = [&](BlockIndex block) {
    return forecast.fits(blocks.predicted_cost(block), stop.time_left());
  };
  sched::Master master(blocks.source(), world.size() - 1,
                       sched::choose_master_mode(options.master, world.size()), observe, admit);
  sched::run_master(transport, master, run, write, stop, [&](BlockIndex index, std::string_view reason) {
    writer.write_failure(blocks.parts(index), reason);
  });
  outcome.use = {.busy = use.busy, .processor = use.processor, .writing = writer.seconds()};
  return outcome;
}

}  // namespace rhosweep::study
