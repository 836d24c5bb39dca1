#include "commands.hpp"
#include "number_options.hpp"
#include "one_of.hpp"
#include "subcommands.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/core/text.hpp"

#include <cstdint>
#include <filesystem>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace rhosweep::app {

namespace {

constexpr std::int64_t most_ranks = 100'000'000;

void add_sweep(CLI::App& command, study::SweepOptions& options) {
  command.add_option("sweep", options.file, "The sweep file (TOML)")->required()->type_name("SWEEP.toml");
  command.add_option("--set", options.overrides, "Override a key of the sweep file; VALUE is TOML")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
}

/// Adds the options --reuse and --shard, which `run` and `plan` share.
void add_parts(CLI::App& command, std::vector<std::filesystem::path>& reuse,
               std::optional<model::Shard>& shard) {
  command
      .add_option("--reuse", reuse, "Copy the sweep's cells that this results file already has; repeatable")
      ->type_name("FILE")
      ->allow_extra_args(false);
  command
      .add_option_function<std::string>(
          "--shard", [&shard](const std::string& text) { shard = model::Shard::parse(text); },
          "Only part I of N of the sweep; rhosweep merge joins the parts")
      ->type_name("I/N")
      ->check([](const std::string& text) {
        return model::Shard::parse(text) ? "" : core::found_allowed(text, "I/N with I from 1 to N");
      });
}

/// Returns the default results file, in the current folder: the sweep file's name with the shard, if there is
/// one, and with .h5 in place of its extension.
std::filesystem::path default_output(const study::SweepOptions& sweep,
                                     const std::optional<model::Shard>& shard) {
  const std::string part = shard ? fmt::format(".{}-of-{}", shard->index, shard->count) : "";
  return sweep.file.stem().string() + part + ".h5";
}

CLI::Option* add_output(CLI::App& command, std::filesystem::path& output, const std::string& description) {
  return command.add_option("-o,--output", output, description)
      ->type_name("FILE")
      ->check([](const std::string& name) {
        return name.empty() ? core::found_allowed("\"\"", "the name of a file") : "";
      });
}

}  // namespace

void add_run(CLI::App& program, Action& action, int& argc, char**& argv) {
  struct Choices {
    std::string progress = "auto";
    std::string master = "auto";
    std::string time_limit;
  };
  const auto options = std::make_shared<RunOptions>();
  const auto choices = std::make_shared<Choices>();
  options->file.command_line = fmt::format("{}", fmt::join(argv, argv + argc, " "));
  CLI::App* command = program.add_subcommand("run", "Run a sweep, under mpirun, srun or alone");
  add_sweep(*command, options->sweep);
  add_parts(*command, options->file.reuse, options->file.shard);
  add_output(*command, options->file.path, "The results file [the sweep file's name with .h5]");
  CLI::Option* overwrite =
      command->add_flag("--overwrite", options->file.overwrite, "Replace an existing results file");
  command->add_flag("--resume", options->file.resume, "Continue the results file if it exists")
      ->excludes(overwrite);
  command
      ->add_option(
          "--time-limit", choices->time_limit,
          "Stop within this time, so that --resume can continue: 90, 2h30min, 1-12:00:00 [the limit of "
          "the Slurm job]")
      ->type_name("DURATION")
      ->check([](const std::string& text) {
        return core::parse_duration(text)
                   ? ""
                   : core::found_allowed(text, "a time span such as 90, 2h30min or 1-12:00:00");
      });
  command->add_option("--max-failures", options->max_failures, "Stop after more than N failed trials [none]")
      ->type_name("N")
      ->transform(whole_number(0, std::numeric_limits<std::int64_t>::max()));
  command->add_option("--progress", choices->progress, "How progress is shown: auto, bar, log or none")
      ->type_name("HOW")
      ->transform(one_of({"auto", "bar", "log", "none"}));
  command->add_option("--master", choices->master, "Whether rank 0 also computes: auto, working or dedicated")
      ->type_name("HOW")
      ->transform(one_of({"auto", "working", "dedicated"}));
  command->footer("Example: mpirun rhosweep run jobs/sweeps/quickstart.toml --set grid.seed.count=4");
  command->callback([options, choices, &action, &argc, &argv] {
    options->time_limit = core::parse_duration(choices->time_limit);
    if (choices->master == "working") options->master = sched::MasterMode::working;
    if (choices->master == "dedicated") options->master = sched::MasterMode::dedicated;
    if (choices->progress == "bar") options->progress = ProgressStyle::bar;
    if (choices->progress == "log") options->progress = ProgressStyle::log;
    if (choices->progress == "none") options->progress = ProgressStyle::none;
    if (options->file.path.empty()) options->file.path = default_output(options->sweep, options->file.shard);
    action = [options, &argc, &argv] { return run(*options, argc, argv); };
  });
}

void add_try(CLI::App& program, Action& action) {
  const auto options = std::make_shared<study::SweepOptions>();
  CLI::App* command = program.add_subcommand(
      "try", "Run one trial of a program, or one block of a problem, and show it; writes nothing");
  add_sweep(*command, *options);
  command->footer("Example: rhosweep try jobs/sweeps/quickstart.toml");
  command->callback([options, &action] { action = [options] { return try_sweep(*options); }; });
}

void add_plan(CLI::App& program, Action& action) {
  const auto options = std::make_shared<PlanOptions>();
  CLI::App* command = program.add_subcommand("plan", "Show what a run would do, without running it");
  add_sweep(*command, options->sweep);
  add_parts(*command, options->reuse, options->shard);
  command
      ->add_option("--ranks", options->ranks,
                   "The number of ranks to plan for [1; with --sbatch as many as are worth it]")
      ->transform(whole_number(1, most_ranks));
  command
      ->add_option("--seconds-per-trial", options->seconds_per_trial,
                   "The time of a trial, as `rhosweep try` measures it [measured; unknown for programs]")
      ->type_name("S")
      ->transform(positive_number());
  CLI::Option* sbatch =
      command->add_flag("--sbatch", options->sbatch,
                        "Print only the command that submits the sweep to Slurm, with its time limit");
  add_output(*command, options->output, "The results file of that command [the sweep file's name with .h5]")
      ->needs(sbatch);
  command->footer("Example: rhosweep plan jobs/sweeps/quickstart.toml --ranks 128");
  command->callback([options, &action] {
    constexpr double longest = 1e9;  // 30 years in seconds
    if (options->seconds_per_trial > longest)
      throw CLI::ValidationError(
          "--seconds-per-trial",
          core::found_allowed(core::to_text(*options->seconds_per_trial), "at most 1e9"));
    if (options->output.empty()) options->output = default_output(options->sweep, options->shard);
    action = [options] { return print_plan(*options); };
  });
}

void add_merge(CLI::App& program, Action& action, const std::string& command_line) {
  const auto options = std::make_shared<study::MergeOptions>();
  options->command_line = command_line;
  CLI::App* command = program.add_subcommand(
      "merge", "Join shards and other results files of one sweep, or of parts of it, into one");
  command->add_option("files", options->files, "The results files")->required()->type_name("FILE...");
  command->add_option("-o,--output", options->output, "The results file to make")
      ->required()
      ->type_name("FILE");
  command->add_flag("--overwrite", options->overwrite, "Replace an existing results file");
  command->footer("Example: rhosweep merge -o sweep.h5 sweep.*-of-5.h5");
  command->callback([options, &action] { action = [options] { return merge(*options); }; });
}

}  // namespace rhosweep::app
