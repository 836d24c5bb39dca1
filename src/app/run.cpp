#include "commands.hpp"
#include "guarded.hpp"
#include "progress.hpp"
#include "summary.hpp"

#include "rhosweep/core/hash.hpp"
#include "rhosweep/core/log.hpp"
#include "rhosweep/core/text.hpp"
#include "rhosweep/mpi/environment.hpp"
#include "rhosweep/sgd/vector_unit.hpp"
#include "rhosweep/store/results_file.hpp"
#include "rhosweep/study/blocks.hpp"
#include "rhosweep/study/provenance.hpp"
#include "rhosweep/study/resume.hpp"
#include "rhosweep/study/reuse.hpp"
#include "rhosweep/study/run_blocks.hpp"
#include "rhosweep/study/stop_switch.hpp"
#include "rhosweep/study/stopwatch.hpp"
#include "rhosweep/study/study.hpp"
#include "rhosweep/study/time_limit.hpp"

#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace rhosweep::app {

using core::ExitCode;

namespace {

std::filesystem::path output_file(const RunOptions& options) {
  if (!options.output.empty()) return options.output;
  const std::string part =
      options.shard ? fmt::format(".{}-of-{}", options.shard->index, options.shard->count) : "";
  return options.sweep.file.stem().string() + part + ".h5";
}

/// Another shard would go into a file whose name and provenance say that it is not there.
void require_shard(const std::filesystem::path& output, const std::optional<model::Shard>& shard) {
  if (!shard) return;
  for (const auto& [name, text] : store::ResultsReader(output).provenance())
    if (name == study::shard_attribute && text != shard->text())
      throw core::InputError(fmt::format("{}: this file is of shard {}; allowed: --shard {}, or none",
                                         output.string(), text, text));
}

/// What every rank runs on, in the order of ranks.
struct Machines {
  std::vector<std::string> hosts;
  std::vector<std::string> vector_units;
};

store::Provenance provenance_of(const study::Study& study, const RunOptions& options,
                                const Machines& machines, const std::optional<model::CellSet>& to_run) {
  store::Provenance run = study::describe_run(
      options.command_line,
      (std::filesystem::current_path() / study.sweep().folder()).lexically_normal().string(),
      study.sweep().output_toml(), machines.hosts, machines.vector_units);
  if (const auto overrides = study.sweep().run_overrides(); !overrides.empty())
    run.emplace_back(study::run_overrides_attribute, fmt::format("{}", fmt::join(overrides, "\n")));
  if (options.shard) {
    run.emplace_back(study::shard_attribute, options.shard->text());
    run.emplace_back(study::shard_cells_attribute, fmt::format("{}", to_run->size()));
  }
  return run;
}

/// Makes the results file, or takes up one that exists, on rank 0: with the cells that other files hold of
/// it.
/// @return the cells that are still to be run; nothing: all
std::optional<model::CellSet> begin_file_on_root(const study::Study& study, const RunOptions& options,
                                                 const std::filesystem::path& output,
                                                 const Machines& machines) {
  const study::Sources sources(options.reuse);
  const auto inherit = [&](store::ResultsFile& file, const store::FileDescription& description,
                           model::CellSet& wanted) {
    sources.copy(file, description, wanted, store::FailedCells::leave);
  };
  std::optional<model::CellSet> to_run;
  if (options.shard) to_run = study::shard_cells(study, *options.shard);

  if (options.resume && std::filesystem::exists(output)) {
    require_shard(output, options.shard);
    model::CellSet left = study::cells_to_resume(output, study);
    if (to_run) left.intersect(*to_run);
    if (left.size() == 0) return left;
    store::ResultsFile::require_writable(output);
    if (!sources.empty()) {
      store::ResultsFile file = store::ResultsFile::open(output);
      inherit(file, study.describe_file(), left);
      file.close();
    }
    return left;
  }
  const auto existing = options.overwrite ? store::Existing::overwrite : store::Existing::refuse;
  const store::FileDescription description = study.describe_file();
  const store::Provenance provenance = provenance_of(study, options, machines, to_run);
  store::Inheritance inheritance;
  if (!sources.empty()) {
    if (!to_run) to_run = model::CellSet::all(study.grid());
    inheritance = {.sources = sources.size(),
                   .copy = [&](store::ResultsFile& file) { inherit(file, description, *to_run); }};
  }
  store::ResultsFile::create(output, description, provenance, existing, inheritance);
  return to_run;
}

/// The same for all ranks: errors are rank 0's and end all ranks alike. Collective.
std::optional<model::CellSet> begin_file(const study::Study& study, const RunOptions& options,
                                         const std::filesystem::path& output, const mpi::World& world) {
  const std::vector<std::string> hosts = world.gather(world.host());
  const std::vector<std::string> units = world.gather(sgd::vector_unit());
  std::optional<model::CellSet> to_run;
  world.on_root([&] { to_run = begin_file_on_root(study, options, output, {hosts, units}); });
  std::vector<std::uint64_t> words;  // no cells have no words either
  if (to_run) words = std::move(to_run->words());
  world.broadcast(words);
  if (words.empty()) return std::nullopt;
  if (!to_run) to_run.emplace(study.grid());
  to_run->words() = std::move(words);
  return to_run;
}

/// Collective.
store::ResultsFile open_file(const study::Study& study, const std::filesystem::path& output,
                             const mpi::World& world) {
  store::ResultsFile file = store::ResultsFile::open(output, world.comm());
  if (file.sweep_hash() != core::to_hex(study.sweep().hash()))
    throw core::FileError(output.string(), "another run has just replaced this file; give each run its own");
  return file;
}

/// What a run says at its end. Throws if that is no success.
/// @param trials how many there were to run
void conclude(const RunOptions& options, const std::filesystem::path& output, std::int64_t trials,
              const sched::Tally& tally, double seconds, const study::StopSwitch& stop) {
  const std::string counts =
      fmt::format("{} trials in {}: {} done, {} diverged, {} failed", tally.trials(),
                  core::to_duration_text(seconds), tally.done, tally.diverged, tally.failed);
  const std::int64_t left = trials - tally.trials();
  if (left > 0) {
    core::log::warning("stopped by {} after {}; {} are left; to go on, run again with --resume{} -o {}",
                       stop.reason().empty() ? "the time limit" : stop.reason(), counts, left,
                       options.shard ? " --shard " + options.shard->text() : "", output.string());
  } else {
    if (options.progress != ProgressStyle::none) {
      if (trials == 0) core::log::info("{}: every cell is finished, nothing to do", output.string());
      if (trials > 0) core::log::info("{}; results in {}", counts, output.string());
      if (options.shard)
        core::log::info("shard {} is complete; rhosweep merge -o FILE joins it with the others",
                        options.shard->text());
    }
    if (!options.shard) print_summary(store::ResultsReader(output));
  }
  if (tally.failed > 0)
    throw core::Error(fmt::format("{} trials failed; rhosweep status names them", tally.failed));
  if (left > 0) throw core::Error("", core::ExitCode::drained);  // all has been said
}

/// Where the wall time of a run went, in seconds.
struct Times {
  double set_up = 0.0;     ///< reading the sweep and its data, finding the minimisers
  double make_file = 0.0;  ///< or, to resume one, finding what is left
  double blocks = 0.0;
  double write_file = 0.0;  ///< within the blocks, the sum over all ranks
  double close_file = 0.0;  ///< and make it durable
};

void tell(const Times& times, std::int64_t ranks) {
  core::log::info(
      "time: set-up {:.4f} s, file made in {:.4f} s, blocks {:.4f} s of which writing {:.3f} %, file closed in {:.4f} s",
      times.set_up, times.make_file, times.blocks,
      100 * times.write_file / (times.blocks * static_cast<double>(ranks)), times.close_file);
}

/// Seconds since the last call or since it was made.
class Laps {
 public:
  double next() { return std::exchange(stopwatch_, study::Stopwatch()).seconds(); }

 private:
  study::Stopwatch stopwatch_;
};

/// Runs the blocks and shows their progress. Collective.
study::BlocksOutcome run_visibly(const study::Study& study, const study::Work& work,
                                 const RunOptions& options, const mpi::World& world, store::ResultsFile& file,
                                 study::StopSwitch& stop) {
  ProgressDisplay display(options.progress, work.trials());
  const study::DispatchOptions dispatch{
      .master = options.master,
      .max_failures = options.max_failures,
      .show = [&](const sched::Progress& progress) { display.update(progress); }};
  return study::run_blocks(study, work, dispatch, world, file, stop);
}

/// From the sweep file to the results file. Collective.
ExitCode run_sweep(const RunOptions& options, const mpi::World& world, study::StopSwitch& stop) {
  const study::Stopwatch stopwatch;
  Laps laps;
  Times times;
  const std::filesystem::path output = output_file(options);
  mpi::NodeData node_data(world);
  sched::Tally tally;
  std::int64_t trials = 0;
  {
    const study::Study study = study::Study::prepare(options.sweep, world, node_data);
    times.set_up = laps.next();
    const auto to_run = begin_file(study, options, output, world);
    times.make_file = laps.next();
    const study::Work work(study, world.size(), to_run ? &*to_run : nullptr);
    trials = work.trials();
    if (trials > 0) {
      store::ResultsFile file = open_file(study, output, world);
      const study::BlocksOutcome outcome = run_visibly(study, work, options, world, file, stop);
      tally = outcome.tally;
      times.blocks = laps.next();
      times.write_file = world.sum(outcome.file_seconds);
      file.close();
      times.close_file = laps.next();
    }
  }
  node_data.release();
  if (options.progress == ProgressStyle::log && trials > 0 && world.is_root()) tell(times, world.size());
  world.on_root([&] { conclude(options, output, trials, tally, stopwatch.seconds(), stop); });
  return ExitCode::success;
}

}  // namespace

ExitCode run(const RunOptions& options, int& argc, char**& argv) {
  const mpi::Environment environment(argc, argv);
  const mpi::World world;
  core::log::start(world.rank());
  auto code = ExitCode::success;
  {
    study::StopSwitch stop;
    if (world.is_root()) study::set_deadline(stop, options.time_limit);
    // The others wait for a rank that fails alone: what is written stays, the job ends.
    code = guarded([&] { return run_sweep(options, world, stop); }, [&] { world.abort(ExitCode::failure); });
  }
  std::signal(SIGUSR1, SIG_IGN);  // nothing is left to stop
  if (store::has_unclosable_file()) world.abort(code);
  // What all ranks share is rank 0's to tell: srun ends the others at the first that fails, and takes one
  // that it caught leaving for the cause.
  if (world.is_root()) return code;
  std::signal(SIGTERM, [](int) { std::_Exit(0); });
  return ExitCode::success;
}

}  // namespace rhosweep::app
