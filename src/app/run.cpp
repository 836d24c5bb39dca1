#include "blocks.hpp"
#include "commands.hpp"
#include "guarded.hpp"
#include "progress.hpp"
#include "provenance.hpp"
#include "report.hpp"
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
#include <exception>

namespace rhosweep::app {

using core::BlockIndex;
using core::ExitCode;

namespace {

/// Runs a block; an exception in a problem's code makes its trials failed instead of ending the run.
model::BlockResult run_guarded(const Study& study, const model::Block& block, sgd::Multipliers& multipliers,
                               const sched::Pulse& pulse) {
  const Stopwatch stopwatch;
  const problem::Problem& problem = study.problem(block.point);
  const model::SgdSettings sgd = study.sweep().sgd(block.point);
  model::BlockResult result(block.trials, std::ssize(problem.metrics()), sgd.evaluations);
  try {
    const auto trials = study.trials(block);
    result = run_block(problem, sgd, study.grid().seeds[block.seed], trials, multipliers, pulse).value();
  } catch (const std::exception& error) {
    core::log::warning("{} trials of seed {} failed: {}", block.trials, study.grid().seeds[block.seed],
                       error.what());
    std::fill(result.status.begin(), result.status.end(), model::CellStatus::failed);
  }
  result.seconds = stopwatch.seconds();
  return result;
}

/// Writes blocks and now and then makes them durable.
class Writer {
 public:
  Writer(store::ResultsFile& file, core::Rank rank, double sync_seconds)
      : file_(file), rank_(rank), sync_seconds_(sync_seconds) {}

  void write(const model::Block& block, const model::BlockResult& result) {
    file_.write(block, result, {.rank = rank_});
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

/// This rank's part in the sweep. @return on rank 0 how all trials ended
sched::Tally run_blocks(const Study& study, const RunOptions& options, const mpi::World& world,
                        store::ResultsFile& file) {
  const model::Partition blocks = partition(study, world.size());
  sgd::Multipliers multipliers;
  Writer writer(file, world.rank(), study.sweep().output().sync_seconds);
  const auto run = [&](BlockIndex index, const sched::Pulse& pulse) {
    return run_guarded(study, blocks[index], multipliers, pulse);
  };
  const auto write = [&](BlockIndex index, const model::BlockResult& result) {
    writer.write(blocks[index], result);
  };

  mpi::MpiTransport transport(world);
  if (world.rank() != sched::master_rank) {
    sched::run_worker(transport, run, write);
    return {};
  }
  sched::Tally tally;
  ProgressDisplay display(options.progress, study.grid().cells());
  sched::Master master(sched::BlockSource(blocks), world.size() - 1,
                       sched::choose_master_mode(options.master, world.size()),
                       [&](const sched::Progress& progress) {
                         tally = progress.tally;
                         display.update(progress);
                       });
  sched::run_master(transport, master, run, write);
  return tally;
}

std::filesystem::path output_file(const RunOptions& options) {
  if (!options.output.empty()) return options.output;
  return options.sweep.file.filename().replace_extension(".h5");
}

/// Everything before the first trial: errors are rank 0's and end all ranks alike. Collective.
store::ResultsFile create_and_open(const Study& study, const RunOptions& options,
                                   const std::filesystem::path& output, const mpi::World& world) {
  const std::vector<std::string> hosts = world.gather_hosts();
  world.on_root([&] {
    const auto existing = options.overwrite ? store::Existing::overwrite : store::Existing::refuse;
    const auto provenance =
        describe_run(options.command_line,
                     (std::filesystem::current_path() / study.sweep().folder()).lexically_normal().string(),
                     study.sweep().output_toml(), hosts);
    store::ResultsFile::create(output, study.describe_file(), provenance, existing);
  });
  store::ResultsFile file = store::ResultsFile::open(output, world.comm());
  if (file.sweep_hash() != core::to_hex(study.sweep().hash()))
    throw core::FileError(output.string(), "another run has just replaced this file; give each run its own");
  return file;
}

/// From the sweep file to the results file. Collective.
ExitCode run_sweep(const RunOptions& options, const mpi::World& world) {
  const Stopwatch stopwatch;
  const std::filesystem::path output = output_file(options);
  mpi::NodeData node_data(world);
  sched::Tally tally;
  {
    const Study study = Study::prepare(options.sweep, world, node_data);
    store::ResultsFile file = create_and_open(study, options, output, world);
    tally = run_blocks(study, options, world, file);
    file.close();
  }
  node_data.release();
  world.on_root([&] {
    if (options.progress != ProgressStyle::none) {
      core::log::info("{} trials in {}: {} done, {} diverged, {} failed; results in {}", tally.trials(),
                      core::to_duration_text(stopwatch.seconds()), tally.done, tally.diverged, tally.failed,
                      output.string());
    }
    print_summary(store::ResultsReader(output));
    if (tally.failed > 0)
      throw core::Error(fmt::format("{} trials failed; rhosweep status names them", tally.failed));
  });
  return ExitCode::success;
}

}  // namespace

ExitCode run(const RunOptions& options, int& argc, char**& argv) {
  const mpi::Environment environment(argc, argv);
  const mpi::World world;
  core::log::start(world.rank());
  // The others wait for a rank that fails alone: what is written stays, the job ends.
  return guarded([&] { return run_sweep(options, world); },
                 [&] {
                   if (world.size() > 1) world.abort(ExitCode::failure);
                 });
}

}  // namespace rhosweep::app
