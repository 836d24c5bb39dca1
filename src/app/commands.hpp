#pragma once

#include "rhosweep/analysis/analysis.hpp"
#include "rhosweep/core/error.hpp"
#include "rhosweep/model/shard.hpp"
#include "rhosweep/sched/master_mode.hpp"
#include "rhosweep/study/begin_file.hpp"
#include "rhosweep/study/merge_files.hpp"
#include "rhosweep/study/sweep_options.hpp"
#include "rhosweep/theory/bounds.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace rhosweep::app {

enum class ProgressStyle { automatic, bar, log, none };

struct RunOptions {
  study::SweepOptions sweep;
  study::FileOptions file;
  std::optional<double> time_limit;          ///< in seconds from the start
  std::optional<std::int64_t> max_failures;  ///< the run stops after more failed trials; absent: no limit
  ProgressStyle progress = ProgressStyle::automatic;
  std::optional<sched::MasterMode> master;  ///< absent: depends on the number of ranks
};

struct TheoryOptions {
  std::string spec;
  std::int64_t steps = 0;
  std::vector<double> rhos;         ///< if all three lists are empty, typical values of each are shown
  std::vector<double> grid_ratios;  ///< at least 1.01
  std::vector<double> tolerances;
  theory::Form form = theory::Form::last_iterate;  ///< with smoothness, only last_iterate is allowed
  double diameter = 1.0;
  double gradient_bound = 1.0;
  std::optional<double> smoothness;  ///< β; if given, the bound for β-smooth losses is used, which needs σ
  double noise = 1.0;                ///< σ: standard deviation of the gradients
};

enum class AnalysisFormat { table, json, csv };

struct AnalyzeOptions {
  std::filesystem::path file;
  analysis::Options analysis;
  bool replays = false;  ///< prints a replayed search instead of the analysis, as table or JSON
  AnalysisFormat format = AnalysisFormat::table;
  std::filesystem::path output;  ///< empty: standard output
};

/// rhosweep run: runs the sweep on all ranks. Initialises MPI.
core::ExitCode run(const RunOptions& options, int& argc, char**& argv);

/// rhosweep try: runs one trial of a program, or one block of a problem, without MPI, and prints the
/// program's output, the results and the time to standard output. Writes no file.
core::ExitCode try_sweep(const study::SweepOptions& options);

struct PlanOptions {
  study::SweepOptions sweep;
  std::optional<std::int64_t> ranks;         ///< absent: 1 or, with `sbatch`, chosen by rhosweep
  std::vector<std::filesystem::path> reuse;  ///< results files to copy cells from
  std::optional<model::Shard> shard;
  std::optional<double>
      seconds_per_trial;  ///< at the first axes point; absent: measured, or unknown if trials are programs
  bool sbatch = false;    ///< print the command that submits the sweep, nothing else
  std::filesystem::path output;  ///< the results file of the run that `sbatch` submits
};

/// rhosweep plan: prints to standard output what a run would do, or the command that submits it to Slurm.
core::ExitCode print_plan(const PlanOptions& options);

/// rhosweep merge: joins the cells of several results files in one file. Throws, and writes nothing, if the
/// files contradict each other.
core::ExitCode merge(const study::MergeOptions& options);

enum class StatusFormat { text, json };

/// rhosweep status: prints to standard output how complete a results file is, its provenance and its
/// failures, as text or as one JSON object.
core::ExitCode print_status(const std::filesystem::path& file, StatusFormat format);

/// rhosweep status --watch: shows progress, throughput and the best stepsizes so far until no trial is
/// pending. A terminal is updated in place; elsewhere a line is printed every ten seconds and the table at
/// the end. Waits for the file if it does not exist yet. Returns ExitCode::drained on SIGINT or SIGTERM.
/// Throws what ResultsReader throws if the file is damaged, even if that happens while it is watched.
core::ExitCode watch_status(const std::filesystem::path& file);

/// rhosweep analyze: prints the analysis of a results file as tables, JSON or CSV, and warnings to standard
/// error.
core::ExitCode analyze(const AnalyzeOptions& options);

/// rhosweep export: writes a row of CSV (RFC 4180) for each cell: its axes, seed, schedule, ρ, η, status, the
/// step at which divergence was detected and the metrics at the last step. Unknown values are empty.
/// @param output empty: standard output
core::ExitCode export_cells(const std::filesystem::path& file, const std::filesystem::path& output);

struct VerifyOptions {
  std::filesystem::path file;
  std::optional<std::int64_t> trials;  ///< size of the random sample to recompute; nullopt: all cells
  /// Whether verify may start the programs that the file names. The file may be untrusted.
  bool runs_programs = false;
};

/// rhosweep verify: checks all finished cells against their checksums and recomputes a sample of these cells.
/// Prints the outcome to standard output.
core::ExitCode verify(const VerifyOptions& options);

/// rhosweep list: documents what a sweep file can name. Throws core::InputError for an unknown name.
/// @param what schedules, problems, metrics, optimizers or keys
/// @param name the entry to document; empty: all entries. A key may be named with or without its section
core::ExitCode print_list(const std::string& what, const std::string& name);

/// rhosweep schedule: prints t, u and h_t as a plain table.
core::ExitCode print_schedule(const std::string& spec, std::int64_t steps);

/// rhosweep theory: prints the tuned constants of a schedule, its bound ratio at each ρ and the costs of
/// coarse grids as plain tables.
core::ExitCode print_theory(const TheoryOptions& options);

}  // namespace rhosweep::app
