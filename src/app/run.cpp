#include "commands.hpp"
#include "conclusion.hpp"
#include "guarded.hpp"
#include "progress.hpp"
#include "run_report.hpp"

#include "rhosweep/core/log.hpp"
#include "rhosweep/core/text.hpp"
#include "rhosweep/mpi/environment.hpp"
#include "rhosweep/store/results_file.hpp"
#include "rhosweep/store/run_lock.hpp"
#include "rhosweep/study/begin_file.hpp"
#include "rhosweep/study/blocks.hpp"
#include "rhosweep/study/end_file.hpp"
#include "rhosweep/study/kept_files.hpp"
#include "rhosweep/study/provenance.hpp"
#include "rhosweep/study/rounds.hpp"
#include "rhosweep/study/run_blocks.hpp"
#include "rhosweep/study/stop_switch.hpp"
#include "rhosweep/study/stopwatch.hpp"
#include "rhosweep/study/study.hpp"
#include "rhosweep/study/time_limit.hpp"
#include "rhosweep/study/vector_units.hpp"

#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace rhosweep::app {

using core::ExitCode;

namespace {

/// Runs the blocks and shows their progress. Collective.
/// @param failed number of trials that have failed in earlier rounds, on rank 0
study::BlocksOutcome run_visibly(const study::Study& study, const study::BlocksToRun& blocks,
                                 const RunOptions& options, const study::Rounds& rounds, std::int64_t failed,
                                 const mpi::World& world, store::ResultsFile& file, study::StopSwitch& stop) {
  ProgressDisplay display(options.progress, blocks.trials(), rounds.label());
  const study::DispatchOptions dispatch{
      .master = options.master,
      .max_failures = options.max_failures,
      .failed_before = failed,
      .show = [&](const sched::Progress& progress) { display.update(progress); },
      .stops = rounds.stops()};
  return run_blocks(study, blocks, dispatch, world, file, stop);
}

/// Logs the processors that the ranks may use. Collective.
void log_processors(const mpi::World& world) {
  constexpr std::size_t longest = 1000;
  const std::string text = study::processors_text(study::gather_machines(world));
  if (world.is_root()) core::log::info("processors of the ranks on {}", core::one_line(text, longest));
}

/// Does the whole run, from the sweep file to the results file. Collective.
ExitCode run_sweep(const RunOptions& options, const mpi::World& world, study::StopSwitch& stop) {
  const study::Stopwatch whole;
  study::Stopwatch lap;
  const auto next_lap = [&] { return std::exchange(lap, study::Stopwatch()).seconds(); };
  Times times;
  sched::Tally tally;
  std::int64_t trials = 0;
  study::RankUse used;
  std::vector<std::string> report;
  bool has_rounds = false;
  study::require_vector_units(world);
  const bool is_job = std::getenv("SLURM_JOB_ID") != nullptr;
  if (options.progress == ProgressStyle::log || (is_job && options.progress == ProgressStyle::automatic))
    log_processors(world);
  mpi::NodeData node_data(world);
  {
    study::SweepOptions sweep = options.sweep;
    sweep.results = options.file.path;
    const auto study = study::Study::prepare(sweep, world, node_data);
    times.set_up = next_lap();
    std::optional<store::RunLock> lock;
    world.on_root([&] { lock.emplace(options.file.path); });
    study::Rounds rounds(study, options.file, world);
    if (lock) lock->note(study::name_process(world.host()));
    times.make_file = next_lap();
    has_rounds = study.sweep().search() || study.sweep().stop_when();
    while (true) {
      const model::CellSet to_run = rounds.next();
      const study::BlocksToRun blocks(study, world.size(), to_run);
      if (blocks.trials() == 0) break;
      trials += blocks.trials();
      store::ResultsFile file = open_file(study, options.file.path, world);
      const auto outcome = run_visibly(study, blocks, options, rounds, tally.failed, world, file, stop);
      tally += outcome.tally;
      times.blocks += next_lap();
      used += outcome.use;
      const study::RunUse use = gather_use(used, times.blocks, world);
      times.write_file = use.sum.writing;
      if (world.is_root())
        file.write_use({.seconds = use.seconds,
                        .busy = use.busy_share(),
                        .processor = use.processor_share(),
                        .writing = use.writing_share()});
      const std::int64_t finished = outcome.tally.done + outcome.tally.diverged + outcome.tally.stopped;
      study::end_file(std::move(file), options.file.path, to_run, finished, world);
      rounds.end(to_run, outcome.tally);
      times.close_file += next_lap();
      if (world.is_root() && reports_use(options, times))
        report = run_report(study, to_run, outcome, use, times);
    }
    core::log::conclude_repeated_warnings();
    world.on_root([&] {
      if (options.file.resume || options.file.overwrite) study::keep_done(study, options.file.path);
      if (trials > 0) study::keep_best(study, options.file.path);
    });
  }
  node_data.release();
  if (options.progress == ProgressStyle::log && trials > 0 && world.is_root()) log_times(times, world.size());
  world.on_root([&] {
    for (const std::string& line : report) core::log::info("{}", line);
    conclude(options, trials, tally, has_rounds, whole.seconds(), stop);
  });
  return ExitCode::success;
}

}  // namespace

ExitCode run(const RunOptions& options, int& argc, char**& argv) {
  // Handles signals from here to the last write, since MPI_Init and reading the data may take long.
  std::optional<study::StopSwitch> stop(mpi::is_first_rank());
  const mpi::Environment environment(argc, argv);
  const mpi::World world;
  core::log::start(world.rank());
  if (world.is_root()) set_deadline(*stop, options.time_limit);
  // If one rank fails alone, the others wait for it forever, so the failing rank aborts the job. Cells
  // already written stay.
  const auto code =
      guarded([&] { return run_sweep(options, world, *stop); }, [&] { world.abort(ExitCode::failure); });
  stop.reset();
  std::signal(SIGUSR1, SIG_IGN);  // the run has ended, so a late stop signal has no effect
  if (store::has_unclosable_file()) world.abort(code);
  // Only rank 0 returns the exit code of a failure that all ranks share: at the first failing rank, srun ends
  // the others and reports those that are still exiting as killed. For the same reason, the other ranks exit
  // with 0 on SIGTERM.
  if (world.is_root()) return code;
  std::signal(SIGTERM, [](int) { std::_Exit(0); });
  return ExitCode::success;
}

}  // namespace rhosweep::app
