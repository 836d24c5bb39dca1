#include "commands.hpp"
#include "guarded.hpp"
#include "reference.hpp"

#include "rhosweep/app/main.hpp"
#include "rhosweep/core/log.hpp"
#include "rhosweep/core/memory.hpp"
#include "rhosweep/core/text.hpp"
#include "rhosweep/process/child.hpp"
#include "rhosweep/study/provenance.hpp"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <system_error>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <unistd.h>

namespace rhosweep::app {

namespace {

using core::ExitCode;

constexpr std::int64_t most_ranks = 100'000'000;
constexpr std::int64_t most_resamples = 1'000'000;

/// Of an option: a positive finite number.
CLI::Validator positive_number() {
  return {[](const std::string& text) {
            double value = 0.0;
            const bool is_fine =
                CLI::detail::lexical_cast(text, value) && value > 0.0 && std::isfinite(value);
            return is_fine ? std::string() : "found " + text + "; allowed: a positive number";
          },
          "NUMBER > 0"};
}

/// Of an option: a finite number above 1.
CLI::Validator above_one() {
  return {[](const std::string& text) {
            double value = 0.0;
            const bool is_fine =
                CLI::detail::lexical_cast(text, value) && value > 1.0 && std::isfinite(value);
            return is_fine ? std::string() : "found " + text + "; allowed: a number above 1";
          },
          "NUMBER > 1"};
}

/// A number of cells, or "all".
std::string complaint_about_trials(const std::string& text) {
  std::uint32_t number = 0;
  return text == "all" || CLI::detail::lexical_cast(text, number)
             ? ""
             : "found " + text + "; allowed: a number or all";
}

/// Help in lines of 80 columns.
class NarrowFormatter : public CLI::Formatter {
 public:
  std::string make_description(const CLI::App* command) const override {
    return core::wrapped(Formatter::make_description(command), most_columns);
  }
  std::string make_subcommand(const CLI::App* command) const override {
    std::ostringstream out;
    CLI::detail::format_help(out, command->get_name(), beside_names(command->get_description()),
                             column_width_);
    return out.str();
  }
  std::string make_option_desc(const CLI::Option* option) const override {
    return beside_names(option->get_description());
  }

 private:
  std::string beside_names(const std::string& text) const {
    return core::wrapped(text, most_columns - column_width_);
  }

  static constexpr std::size_t most_columns = 80;
};

void add_sweep(CLI::App& command, study::SweepOptions& options) {
  command.add_option("sweep", options.file, "The sweep file (TOML)")->required()->type_name("SWEEP.toml");
  command.add_option("--set", options.overrides, "Override a key of the sweep file; VALUE is TOML")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
}

/// Options of what a run shares with its plan.
void add_parts(CLI::App& command, std::vector<std::filesystem::path>& reuse,
               std::optional<model::Shard>& shard) {
  command.add_option("--reuse", reuse, "Copy the cells that this results file has of the sweep; repeatable")
      ->type_name("FILE")
      ->allow_extra_args(false);
  command
      .add_option_function<std::string>(
          "--shard", [&shard](const std::string& text) { shard = model::Shard::parse(text); },
          "Only part I of N of the sweep, to be merged with the others")
      ->type_name("I/N")
      ->check([](const std::string& text) {
        return model::Shard::parse(text) ? "" : "found " + text + "; allowed: I/N with I from 1 to N";
      });
}

/// The options of every subcommand and what the chosen one does.
class CommandLine {
 public:
  CommandLine(int& argc, char**& argv) {
    program_.require_subcommand(1);
    program_.set_version_flag("--version", study::version_text);
    program_.formatter(std::make_shared<NarrowFormatter>());
    program_.get_formatter()->column_width(34);
    run_options_.command_line = fmt::format("{}", fmt::join(argv, argv + argc, " "));
    merge_options_.command_line = run_options_.command_line;
    add_run(argc, argv);
    add_plan();
    add_merge();
    add_others();
    add_theory();
    add_analyze();
    for (CLI::App* command : program_.get_subcommands([](CLI::App*) { return true; }))
      add_verbosity(*command);
    add_reference(argv[0]);
  }

  CLI::App& program() { return program_; }
  /// The subcommand that a command line names, be the rest of it wrong; nullptr if none.
  const CLI::App* named(int argc, char** argv) const {
    for (const CLI::App* command : program_.get_subcommands([](const CLI::App*) { return true; }))
      if (argc > 1 && command->check_name(argv[1])) return command;
    return nullptr;
  }
  ExitCode perform() const { return action_(); }

 private:
  void add_run(int& argc, char**& argv) {
    CLI::App* command = program_.add_subcommand("run", "Run a sweep, under mpirun, srun or alone");
    add_sweep(*command, run_options_.sweep);
    add_parts(*command, run_options_.reuse, run_options_.shard);
    command
        ->add_option("-o,--output", run_options_.output, "The results file [the sweep file's name with .h5]")
        ->type_name("FILE")
        ->check([](const std::string& name) { return name.empty() ? "the name of a file is empty" : ""; });
    CLI::Option* overwrite =
        command->add_flag("--overwrite", run_options_.overwrite, "Replace an existing results file");
    command->add_flag("--resume", run_options_.resume, "Go on with the results file if there is one")
        ->excludes(overwrite);
    command
        ->add_option("--time-limit", time_limit_,
                     "Stop in time, to be resumed: 90, 2h30min, 1-12:00:00 [a Slurm job's own limit]")
        ->type_name("DURATION")
        ->check([](const std::string& text) {
          return core::parse_duration(text) ? ""
                                            : text + " is no time span such as 90, 2h30min or 1-12:00:00";
        });
    command
        ->add_option("--max-failures", run_options_.max_failures,
                     "Stop after more than N failed trials [none]")
        ->type_name("N")
        ->check(CLI::NonNegativeNumber);
    command->add_option("--progress", progress_, "How progress is shown: auto, bar, log or none")
        ->type_name("HOW")
        ->check(CLI::IsMember({"auto", "bar", "log", "none"}));
    command->add_option("--master", master_, "Whether rank 0 computes, too: auto, working or dedicated")
        ->type_name("HOW")
        ->check(CLI::IsMember({"auto", "working", "dedicated"}));
    command->footer("Example: mpirun -n 4 rhosweep run jobs/quickstart.toml --set grid.seed.count=4");
    command->callback([this, &argc, &argv] {
      run_options_.time_limit = core::parse_duration(time_limit_);
      if (master_ == "working") run_options_.master = sched::MasterMode::working;
      if (master_ == "dedicated") run_options_.master = sched::MasterMode::dedicated;
      if (progress_ == "bar") run_options_.progress = ProgressStyle::bar;
      if (progress_ == "log") run_options_.progress = ProgressStyle::log;
      if (progress_ == "none") run_options_.progress = ProgressStyle::none;
      action_ = [this, &argc, &argv] { return run(run_options_, argc, argv); };
    });
  }

  static void add_verbosity(CLI::App& command) {
    using core::log::set_verbosity;
    using core::log::Verbosity;
    CLI::Option* quiet = command.add_flag_callback(
        "-q,--quiet", [] { set_verbosity(Verbosity::quiet); },
        "Say nothing but warnings, errors and results");
    command
        .add_flag_callback(
            "-v,--verbose", [] { set_verbosity(Verbosity::verbose); }, "Leave no message out, of any rank")
        ->excludes(quiet);
  }

  void add_plan() {
    CLI::App* command = program_.add_subcommand("plan", "Say what a sweep would run, without running it");
    add_sweep(*command, plan_options_.sweep);
    add_parts(*command, plan_options_.reuse, plan_options_.shard);
    command->add_option("--ranks", plan_options_.ranks, "The number of ranks to plan for")
        ->check(CLI::Range(std::int64_t{1}, most_ranks));
    command->footer("Example: rhosweep plan jobs/quickstart.toml --ranks 128");
    command->callback([this] { action_ = [this] { return print_plan(plan_options_); }; });
  }

  void add_merge() {
    CLI::App* command = program_.add_subcommand(
        "merge", "Join shards and other results files of one sweep, or of parts of it, into one");
    command->add_option("files", merge_options_.files, "The results files")->required()->type_name("FILE...");
    command->add_option("-o,--output", merge_options_.output, "The results file to make")
        ->required()
        ->type_name("FILE");
    command->add_flag("--overwrite", merge_options_.overwrite, "Replace an existing results file");
    command->footer("Example: rhosweep merge -o sweep.h5 sweep.*-of-5.h5");
    command->callback([this] { action_ = [this] { return merge(merge_options_); }; });
  }

  void add_others() {
    CLI::App* status_command = program_.add_subcommand(
        "status", "Say how complete a results file is, also while a run is writing it");
    status_command->add_option("file", file_, "The results file")->required()->type_name("FILE");
    status_command->add_flag(
        "--watch", watch_,
        "Show progress and the best stepsizes so far until it is complete (Ctrl-C ends it, exit code 75)");
    status_command->footer("Example: rhosweep status quickstart.h5 --watch");
    status_command->callback(
        [this] { action_ = [this] { return watch_ ? watch_status(file_) : print_status(file_); }; });

    CLI::App* verify_command = program_.add_subcommand(
        "verify", "Check every finished cell by its checksum and recompute a random sample, bit by bit");
    verify_command->add_option("file", file_, "The results file")->required()->type_name("FILE");
    verify_command->add_option("--trials", trials_, "How many cells to recompute, or all [100]")
        ->type_name("N")
        ->check(complaint_about_trials);
    verify_command->footer("Example: rhosweep verify quickstart.h5 --trials 500");
    verify_command->callback([this] {
      action_ = [this] {
        return verify(file_, trials_ == "all" ? std::nullopt
                                              : std::optional<std::int64_t>(std::stoll(trials_, nullptr, 0)));
      };
    });

    CLI::App* list_command = program_.add_subcommand("list", "Document the schedules, problems or metrics");
    list_command->add_option("what", what_, "schedules, problems or metrics")
        ->required()
        ->type_name("WHAT")
        ->check(CLI::IsMember({"schedules", "problems", "metrics"}));
    list_command->footer("Example: rhosweep list schedules");
    list_command->callback([this] { action_ = [this] { return print_list(what_); }; });

    CLI::App* schedule_command = program_.add_subcommand("schedule", "Print t, u and h_t of a schedule");
    schedule_command->add_option("spec", spec_, "The schedule, as in a sweep file")
        ->required()
        ->type_name("SPEC");
    schedule_command->add_option("--steps", steps_, "The number T of steps")
        ->required()
        ->check(CLI::Range(std::int64_t{1}, std::numeric_limits<std::int64_t>::max()));
    schedule_command->footer("Example: rhosweep schedule 'warmup(0.1, cosine)' --steps 100");
    schedule_command->callback([this] { action_ = [this] { return print_schedule(spec_, steps_); }; });
  }

  void add_theory() {
    CLI::App* command = program_.add_subcommand(
        "theory", "Print what theory says that a misspecified stepsize costs under a schedule");
    command->add_option("spec", theory_options_.spec, "The schedule, as in a sweep file")
        ->required()
        ->type_name("SPEC");
    command->add_option("--steps", theory_options_.steps, "The number T of steps")
        ->required()
        ->check(CLI::Range(std::int64_t{1}, std::numeric_limits<std::int64_t>::max()));
    command
        ->add_option("--rho", theory_options_.rhos,
                     "How many times too large the stepsize is [1,2,4,16,64 without --grid-ratio]")
        ->delimiter(',')
        ->allow_extra_args(false)
        ->type_name("R[,R...]")
        ->check(positive_number());
    CLI::Option* grid_ratio =
        command
            ->add_option(
                "--grid-ratio", theory_options_.grid_ratios,
                "Ratio of neighbouring stepsizes of a grid: prints what its best point costs, at worst and "
                "in the mean over where the grid begins [2,5,10,50 without --rho]")
            ->delimiter(',')
            ->allow_extra_args(false)
            ->type_name("G[,G...]")
            ->check(above_one());
    command
        ->add_option("--tolerance", theory_options_.tolerances,
                     "Beside grid ratios: prints the coarsest one whose worst cost is at most 1 + X "
                     "[0.1,0.25,0.5,1]")
        ->delimiter(',')
        ->allow_extra_args(false)
        ->type_name("X[,X...]")
        ->check(positive_number());
    command
        ->add_option(
            "--form", form_,
            "last-iterate: the bound with S_t; last-gradient: the one with S_{t+1}, of the last point "
            "where a gradient is taken, a theorem without smoothness [last-iterate]")
        ->type_name("FORM")
        ->check(CLI::IsMember({"last-iterate", "last-gradient"}));
    command->add_option("--diameter", theory_options_.diameter, "D [1]")->check(positive_number());
    CLI::Option* gradient_bound =
        command->add_option("--gradient-bound", theory_options_.gradient_bound, "G: E|g|^2 <= G^2 [1]")
            ->check(positive_number());
    CLI::Option* smoothness =
        command->add_option("--smoothness", theory_options_.smoothness, "beta: the bound of the smooth case")
            ->check(positive_number())
            ->excludes(gradient_bound)
            ->excludes(grid_ratio);
    command->add_option("--noise", theory_options_.noise, "sigma of the smooth case [1]")
        ->check(positive_number())
        ->needs(smoothness);
    command->footer(
        "Example: rhosweep theory 'polynomial(2)' --steps 6400 --rho 2,4,16,64\n"
        "          rhosweep theory cosine --steps 6400 --grid-ratio 2,5,10,50");
    command->callback([this] {
      if (form_ == "last-gradient") theory_options_.form = theory::Form::last_gradient;
      if (form_ == "last-gradient" && theory_options_.smoothness)
        throw CLI::ValidationError("--form",
                                   "found last-gradient with --smoothness; allowed: last-iterate, which "
                                   "smoothness makes a theorem");
      action_ = [this] { return print_theory(theory_options_); };
    });
  }

  void add_analyze() {
    CLI::App* command = program_.add_subcommand(
        "analyze",
        "Say what results mean: best stepsizes, what misspecified ones cost, how coarse a grid may be");
    command->add_option("file", analyze_options_.file, "The results file")->required()->type_name("FILE");
    analysis::Options& options = analyze_options_.analysis;
    command->add_option("--metric", options.metric,
                        "The metric to report [excess_loss where known, else train_loss]");
    command->add_option("--select-by", options.select_by, "The metric that chooses stepsizes [the same]")
        ->type_name("METRIC");
    command
        ->add_option_function<std::string>(
            "--statistic",
            [&options](const std::string& text) { options.statistic = *analysis::parse_statistic(text); },
            "What stands for the seeds: mean, median, trimmed (without the least and the largest tenth) or "
            "quantile=Q [mean]")
        ->type_name("WHICH")
        ->check([](const std::string& text) {
          return analysis::parse_statistic(text)
                     ? ""
                     : "found " + text + "; allowed: mean, median, trimmed or quantile=Q with Q from 0 to 1";
        });
    command
        ->add_option("--worst-over", options.worst_over,
                     "Take the worst statistic over this axis, as of a family of problems")
        ->type_name("AXIS");
    command
        ->add_option("--window", window_,
                     "The ratios to the best rho that the exponent is measured at [4,100]")
        ->type_name("LO,HI")
        ->delimiter(',')
        ->expected(2)
        ->allow_extra_args(false)
        ->check(positive_number());
    command
        ->add_option("--tolerance", options.tolerances,
                     "How much more than the tuned loss a grid's best may cost: 0.1 is 10 % [0.1,0.5,1]")
        ->type_name("X[,X...]")
        ->delimiter(',')
        ->allow_extra_args(false)
        ->check(positive_number());
    command
        ->add_option("--ratios", options.ratios,
                     "The grid ratios whose costs are shown [1.5,2,3,5,10,20,50,100]")
        ->type_name("R[,R...]")
        ->delimiter(',')
        ->allow_extra_args(false)
        ->check(above_one());
    command
        ->add_option("--resamples", options.resamples,
                     "How often the seeds are resampled for the intervals; 0: no intervals [1999]")
        ->type_name("N")
        ->check(CLI::Range(std::int64_t{0}, most_resamples));
    command
        ->add_option("--baseline", options.baselines,
                     "Show what this results file, on the same problem, gives without tuning; repeatable")
        ->type_name("FILE")
        ->allow_extra_args(false);
    command->add_option("--format", format_, "table, json or csv")
        ->type_name("FORMAT")
        ->check(CLI::IsMember({"table", "json", "csv"}));
    command->add_option("-o,--output", analyze_options_.output, "Write to this file")->type_name("PATH");
    command->footer("Example: rhosweep analyze worst_case.h5 --worst-over problem.curvature");
    command->callback([this] {
      if (window_.size() == 2) analyze_options_.analysis.window = {.low = window_[0], .high = window_[1]};
      if (window_.size() == 2 && window_[0] >= window_[1])
        throw CLI::ValidationError("--window",
                                   fmt::format("found {},{}; allowed: LO < HI", window_[0], window_[1]));
      if (format_ == "json") analyze_options_.format = AnalysisFormat::json;
      if (format_ == "csv") analyze_options_.format = AnalysisFormat::csv;
      action_ = [this] { return analyze(analyze_options_); };
    });
  }

  /// Not for people: what the build asks the program for.
  void add_reference(const std::string& executable) {
    CLI::App* command =
        program_.add_subcommand("reference", "Write the man pages and the completion for bash")->group("");
    command->add_option("folder", file_, "Where to")->required();
    command->callback([this, executable] {
      action_ = [this, executable] {
        write_reference(program_, std::filesystem::path(executable).filename().string(), file_);
        return ExitCode::success;
      };
    });
  }

  CLI::App program_{"Measures what a misspecified learning rate costs under each learning-rate schedule.",
                    "rhosweep"};
  RunOptions run_options_;
  PlanOptions plan_options_;
  MergeOptions merge_options_;
  TheoryOptions theory_options_;
  std::string form_;
  AnalyzeOptions analyze_options_;
  std::vector<double> window_;
  std::string format_ = "table";
  std::string progress_ = "auto";
  std::string master_ = "auto";
  std::string time_limit_;
  std::string trials_ = "100";
  std::filesystem::path file_;
  bool watch_ = false;
  std::string what_;
  std::string spec_;
  std::int64_t steps_ = 0;
  std::function<ExitCode()> action_;
};

/// Whether this process is the one of an MPI job that speaks for all about a bad command line.
bool speaks_for_all() {
  const char* rank = std::getenv("OMPI_COMM_WORLD_RANK");
  if (rank == nullptr) rank = std::getenv("PMIX_RANK");
  return rank == nullptr || std::string(rank) == "0";
}

/// What is wrong with the command line, in words that name it.
std::string complaint(const CLI::ParseError& error, int argc, char** argv) {
  const bool no_command =
      dynamic_cast<const CLI::RequiredError*>(&error) != nullptr && argc > 1 && argv[1][0] != '-';
  const std::vector<std::string> commands{"run",    "plan", "merge",    "status", "analyze",
                                          "verify", "list", "schedule", "theory"};
  if (!no_command || std::find(commands.begin(), commands.end(), argv[1]) != commands.end())
    return error.what();
  return fmt::format("{}: unknown command{}; allowed: {}", argv[1], core::hint(argv[1], commands),
                     core::either(commands));
}

}  // namespace

}  // namespace rhosweep::app

int rhosweep::main(int argc, char** argv) {
  using namespace app;
  if (const auto code = process::run_guard(argc, argv)) return *code;
  std::signal(SIGPIPE, SIG_IGN);  // nobody reading the progress is no reason to stop
  core::keep_freed_memory();
  CommandLine command_line(argc, argv);
  const bool speaks = speaks_for_all();
  try {
    command_line.program().parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const bool asked_for = error.get_exit_code() == 0;  // --help, --version
    // The silent ranks succeed: a launcher ends the others, heard or not, at the first rank that fails.
    if (!speaks) return 0;
    if (asked_for) return command_line.program().exit(error);
    const CLI::App* command = command_line.named(argc, argv);
    const bool bare = argc == 2 && command != nullptr;  // somebody asks what the command wants
    if (bare && isatty(STDERR_FILENO) != 0) fmt::print(stderr, "{}\n", command->help("rhosweep"));
    core::log::error("{} (see rhosweep {}--help)", complaint(error, argc, argv),
                     command != nullptr ? command->get_name() + " " : "");
    return static_cast<int>(ExitCode::bad_input);
  }
  // Under mpirun, commands that are no parallel ones answer once.
  if (!speaks && !command_line.program().got_subcommand("run")) return 0;
  const ExitCode code = guarded([&] { return command_line.perform(); });
  if (std::fflush(stdout) == 0 || code != ExitCode::success) return static_cast<int>(code);
  core::log::error("standard output: {}", std::generic_category().message(errno));
  return static_cast<int>(ExitCode::failure);
}
