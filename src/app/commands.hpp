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
  std::optional<std::int64_t> max_failures;  ///< more failed trials stop the run; absent: none do
  ProgressStyle progress = ProgressStyle::automatic;
  std::optional<sched::MasterMode> master;  ///< absent: chosen by the number of ranks
};

struct TheoryOptions {
  std::string spec;
  std::int64_t steps = 0;
  std::vector<double> rhos;
  std::vector<double> grid_ratios;  ///< at least 1.01
  std::vector<double> tolerances;   ///< none of the three: some typical ones of each
  theory::Form form = theory::Form::last_iterate;  ///< with smoothness only that
  double diameter = 1.0;
  double gradient_bound = 1.0;
  std::optional<double> smoothness;  ///< β; present: the bound of the smooth case, from the noise
  double noise = 1.0;                ///< σ
};

enum class AnalysisFormat { table, json, csv };

struct AnalyzeOptions {
  std::filesystem::path file;
  analysis::Options analysis;
  AnalysisFormat format = AnalysisFormat::table;
  std::filesystem::path output;  ///< empty: standard output
};

/// rhosweep run: the sweep on all ranks. Initialises MPI.
core::ExitCode run(const RunOptions& options, int& argc, char**& argv);

struct PlanOptions {
  study::SweepOptions sweep;
  std::int64_t ranks = 1;
  std::vector<std::filesystem::path> reuse;  ///< as in study::FileOptions
  std::optional<model::Shard> shard;
};

/// rhosweep plan: what would run, on standard output.
core::ExitCode print_plan(const PlanOptions& options);

/// rhosweep merge: one results file of the cells of several. Throws if they contradict each other, and then
/// writes nothing.
core::ExitCode merge(const study::MergeOptions& options);

/// rhosweep status: how complete a results file is, its provenance and failures, on standard output.
core::ExitCode print_status(const std::filesystem::path& file);

/// rhosweep status --watch: progress, throughput and the best stepsizes so far, again and again until no
/// trial is pending; on a terminal in place, elsewhere a line every ten seconds and the table at the end.
/// Waits for a file that is not there. SIGINT and SIGTERM end it, with ExitCode::drained. Throws what
/// ResultsReader throws if the file is damaged, also meanwhile.
core::ExitCode watch_status(const std::filesystem::path& file);

/// rhosweep analyze: what the results say, as tables, JSON or CSV; warnings on standard error.
core::ExitCode analyze(const AnalyzeOptions& options);

struct VerifyOptions {
  std::filesystem::path file;
  std::optional<std::int64_t> trials;  ///< size of the random sample to recompute; absent: all
  /// Whether programs that the file names may be started: it may come from anyone.
  bool runs_programs = false;
};

/// rhosweep verify: checks finished cells against their checksums and recomputes some, on standard output.
core::ExitCode verify(const VerifyOptions& options);

/// rhosweep list schedules|problems|metrics
core::ExitCode print_list(const std::string& what);

/// rhosweep schedule: t, u and h_t as a plain table.
core::ExitCode print_schedule(const std::string& spec, std::int64_t steps);

/// rhosweep theory: the tuned constants of a schedule, its bound ratio at every ρ and what coarse grids cost,
/// as plain tables.
core::ExitCode print_theory(const TheoryOptions& options);

}  // namespace rhosweep::app
