#include "run_blocks.hpp"

#include "progress.hpp"
#include "stopwatch.hpp"
#include "time_limit.hpp"

#include "rhosweep/core/log.hpp"
#include "rhosweep/mpi/mpi_transport.hpp"
#include "rhosweep/sched/master.hpp"
#include "rhosweep/sched/run_master.hpp"
#include "rhosweep/sched/run_worker.hpp"

#include <algorithm>
#include <exception>
#include <optional>
#include <vector>

#include <fmt/format.h>

namespace rhosweep::app {

using core::BlockIndex;

namespace {

/// Runs trials of one block; an exception in a problem's code makes them failed instead of ending the run.
/// @return nothing if the pulse gave the block up
std::optional<model::BlockResult> run_guarded(const Study& study, const std::vector<model::Block>& parts,
                                              sgd::Multipliers& multipliers, const sched::Pulse& pulse) {
  const Stopwatch stopwatch;
  const auto [point, seed_index, first, count] = parts.front();
  const std::int64_t seed = study.grid().seeds[seed_index];
  const problem::Problem& problem = study.problem(point);
  const model::SgdSettings sgd = study.sweep().sgd(point);
  std::vector<sgd::Trial> trials;
  for (const model::Block& part : parts) {
    const std::vector<sgd::Trial> more = study.trials(part);
    trials.insert(trials.end(), more.begin(), more.end());
  }
  std::optional<model::BlockResult> result;
  try {
    result = run_block(problem, sgd, seed, trials, multipliers, pulse);
  } catch (const std::exception& error) {
    core::log::warning("{} trials of seed {} failed: {}", trials.size(), seed, core::message_of(error));
    result.emplace(std::ssize(trials), std::ssize(problem.metrics()), sgd.evaluations);
    std::fill(result->status.begin(), result->status.end(), model::CellStatus::failed);
    result->failure = core::message_of(error);
  }
  if (result) result->seconds = stopwatch.seconds();
  return result;
}

/// Writes blocks and now and then makes them durable.
class Writer {
 public:
  Writer(store::ResultsFile& file, core::Rank rank, double sync_seconds)
      : file_(file), rank_(rank), sync_seconds_(sync_seconds) {}

  /// @param result of all parts, one after the other
  void write(const std::vector<model::Block>& parts, const model::BlockResult& result) {
    std::int64_t first = 0;
    for (const model::Block& part : parts) {
      file_.write(part, result.part(first, part.trials), rank_);
      first += part.trials;
    }
    if (since_sync_.seconds() < sync_seconds_) return;
    file_.sync();
    since_sync_ = Stopwatch();
  }

 private:
  store::ResultsFile& file_;
  core::Rank rank_;
  double sync_seconds_;
  Stopwatch since_sync_;
};

}  // namespace

sched::Tally run_blocks(const Study& study, const Work& work, const RunOptions& options,
                        const mpi::World& world, store::ResultsFile& file, StopSwitch& stop) {
  sgd::Multipliers multipliers;
  Writer writer(file, world.rank(), study.sweep().output().sync_seconds);
  const auto run = [&](BlockIndex index, const sched::Pulse& pulse) {
    return run_guarded(study, work.parts(index), multipliers, pulse);
  };
  const auto write = [&](BlockIndex index, const model::BlockResult& result) {
    writer.write(work.parts(index), result);
  };

  mpi::MpiTransport transport(world);
  if (world.rank() != sched::master_rank) {
    sched::run_worker(transport, run, write, stop);
    return {};
  }
  sched::Tally tally;
  Forecast forecast;
  ProgressDisplay display(options.progress, work.trials());
  const auto observe = [&](const sched::Progress& progress, BlockIndex block) {
    tally = progress.tally;
    forecast.count(work.predicted_cost(block), tally.seconds);
    display.update(progress);
    if (options.max_failures && tally.failed > *options.max_failures)
      stop.request(fmt::format("more than {} failed trials", *options.max_failures));
  };
  const auto admit = [&](BlockIndex block) {
    return forecast.fits(work.predicted_cost(block), stop.time_left());
  };
  sched::Master master(work.source(), world.size() - 1,
                       sched::choose_master_mode(options.master, world.size()), observe, admit);
  sched::run_master(transport, master, run, write, stop);
  return tally;
}

}  // namespace rhosweep::app
