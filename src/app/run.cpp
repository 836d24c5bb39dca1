#include "blocks.hpp"
#include "commands.hpp"
#include "guarded.hpp"
#include "progress.hpp"
#include "provenance.hpp"
#include "report.hpp"
#include "resume.hpp"
#include "stop_switch.hpp"
#include "stopwatch.hpp"
#include "study.hpp"

#include "rhosweep/core/hash.hpp"
#include "rhosweep/core/log.hpp"
#include "rhosweep/core/text.hpp"
#include "rhosweep/mpi/environment.hpp"
#include "rhosweep/mpi/mpi_transport.hpp"
#include "rhosweep/sched/master.hpp"
#include "rhosweep/sched/run_master.hpp"
#include "rhosweep/sched/run_worker.hpp"
#include "rhosweep/store/results_file.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <exception>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace rhosweep::app {

using core::BlockIndex;
using core::ExitCode;

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

/// Predicts by the speed so far whether a block would end in time.
class Forecast {
 public:
  /// @param seconds that all blocks so far took
  void count(double predicted_cost, double seconds) {
    cost_ += predicted_cost;
    seconds_ = seconds;
  }

  bool fits(double predicted_cost, std::optional<double> time_left) const {
    if (!time_left || cost_ == 0.0) return true;
    constexpr double behind_another = 2.0;  // of its kind, which the worker has in hand
    return behind_another * predicted_cost * seconds_ / cost_ < *time_left;
  }

 private:
  double cost_ = 0.0;
  double seconds_ = 0.0;
};

/// This rank's part in the sweep. @return on rank 0 how the trials run ended
sched::Tally run_blocks(const Study& study, const Work& work, std::int64_t trials, const RunOptions& options,
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
  ProgressDisplay display(options.progress, trials);
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

std::filesystem::path output_file(const RunOptions& options) {
  if (!options.output.empty()) return options.output;
  return options.sweep.file.filename().replace_extension(".h5");
}

/// Makes the results file, or, to resume one that exists, finds the cells that are still to be run. Errors
/// are rank 0's and end all ranks alike. Collective. @return nothing for a new file: all cells
std::optional<model::CellSet> begin_file(const Study& study, const RunOptions& options,
                                         const std::filesystem::path& output, const mpi::World& world) {
  const std::vector<std::string> hosts = world.gather_hosts();
  std::optional<model::CellSet> to_run;
  world.on_root([&] {
    if (options.resume && std::filesystem::exists(output)) {
      to_run = cells_to_resume(output, study);
      return;
    }
    const auto existing = options.overwrite ? store::Existing::overwrite : store::Existing::refuse;
    const auto provenance =
        describe_run(options.command_line,
                     (std::filesystem::current_path() / study.sweep().folder()).lexically_normal().string(),
                     study.sweep().output_toml(), hosts);
    store::ResultsFile::create(output, study.describe_file(), provenance, existing);
  });
  std::vector<std::uint64_t> words;  // no cells have no words either
  if (to_run) words = to_run->words();
  world.broadcast(words);
  if (words.empty()) return std::nullopt;
  if (!to_run) {
    to_run.emplace(study.grid());
    to_run->words() = std::move(words);
  }
  return to_run;
}

/// Collective.
store::ResultsFile open_file(const Study& study, const std::filesystem::path& output,
                             const mpi::World& world) {
  store::ResultsFile file = store::ResultsFile::open(output, world.comm());
  if (file.sweep_hash() != core::to_hex(study.sweep().hash()))
    throw core::FileError(output.string(), "another run has just replaced this file; give each run its own");
  return file;
}

/// What a run says at its end. Throws if that is no success.
/// @param trials how many there were to run
void conclude(const RunOptions& options, const std::filesystem::path& output, std::int64_t trials,
              const sched::Tally& tally, double seconds, const StopSwitch& stop) {
  const std::string counts =
      fmt::format("{} trials in {}: {} done, {} diverged, {} failed", tally.trials(),
                  core::to_duration_text(seconds), tally.done, tally.diverged, tally.failed);
  const std::int64_t left = trials - tally.trials();
  if (left > 0) {
    core::log::warning("stopped by {} after {}; {} are left; to go on, run again with --resume -o {}",
                       stop.reason().empty() ? "the time limit" : stop.reason(), counts, left,
                       output.string());
  } else {
    if (options.progress != ProgressStyle::none) {
      if (trials == 0) core::log::info("{}: every cell is finished, nothing to do", output.string());
      if (trials > 0) core::log::info("{}; results in {}", counts, output.string());
    }
    print_summary(store::ResultsReader(output));
  }
  if (tally.failed > 0)
    throw core::Error(fmt::format("{} trials failed; rhosweep status names them", tally.failed));
  if (left > 0) throw core::Error("", core::ExitCode::drained);  // all has been said
}

/// The end of the Slurm job that this process runs in, in seconds from now.
std::optional<double> slurm_time_left() {
  const char* end = std::getenv("SLURM_JOB_END_TIME");
  if (end == nullptr) return std::nullopt;
  const auto now = std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch());
  return std::strtod(end, nullptr) - now.count();
}

/// Stops early enough before a time limit for the last blocks to end and the file to be closed.
void set_deadline(StopSwitch& stop, const RunOptions& options) {
  constexpr double most_reserved = 10.0;
  constexpr double reserved_share = 0.1;
  std::optional<double> limit = options.time_limit;
  if (const auto left = slurm_time_left(); left && *left > 0.0)
    limit = std::min(*left, limit.value_or(*left));
  if (limit) stop.set_deadline(*limit - std::min(most_reserved, reserved_share * *limit));
}

/// From the sweep file to the results file. Collective.
ExitCode run_sweep(const RunOptions& options, const mpi::World& world, StopSwitch& stop) {
  const Stopwatch stopwatch;
  const std::filesystem::path output = output_file(options);
  mpi::NodeData node_data(world);
  sched::Tally tally;
  std::int64_t trials = 0;
  {
    const Study study = Study::prepare(options.sweep, world, node_data);
    const auto to_run = begin_file(study, options, output, world);
    trials = to_run ? to_run->size() : study.grid().cells();
    if (trials > 0) {
      store::ResultsFile file = open_file(study, output, world);
      model::Partition blocks = partition(study, world.size());
      const Work work = to_run ? Work(std::move(blocks), *to_run) : Work(std::move(blocks));
      tally = run_blocks(study, work, trials, options, world, file, stop);
      file.close();
    }
  }
  node_data.release();
  world.on_root([&] { conclude(options, output, trials, tally, stopwatch.seconds(), stop); });
  return ExitCode::success;
}

}  // namespace

ExitCode run(const RunOptions& options, int& argc, char**& argv) {
  const mpi::Environment environment(argc, argv);
  const mpi::World world;
  core::log::start(world.rank());
  StopSwitch stop;
  if (world.is_root()) set_deadline(stop, options);
  // The others wait for a rank that fails alone: what is written stays, the job ends.
  return guarded([&] { return run_sweep(options, world, stop); },
                 [&] {
                   if (world.size() > 1) world.abort(ExitCode::failure);
                 });
}

}  // namespace rhosweep::app
