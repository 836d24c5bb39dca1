#include "commands.hpp"
#include "number_options.hpp"
#include "one_of.hpp"
#include "subcommands.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/core/text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace rhosweep::app {

namespace {

constexpr std::int64_t most_resamples = 100'000;

/// Adds a subcommand that reads a results file.
CLI::App* add_reader(CLI::App& program, const std::string& name, const std::string& description,
                     std::filesystem::path& file) {
  CLI::App* command = program.add_subcommand(name, description);
  command->add_option("file", file, "The results file")->required()->type_name("FILE");
  return command;
}

void add_output(CLI::App& command, std::filesystem::path& output) {
  command.add_option("-o,--output", output, "Write to this file")->type_name("PATH");
}

/// Throws CLI::ValidationError if `analyze` has an option that a replay does not use.
void require_replay_options(const CLI::App& command) {
  constexpr std::array<std::string_view, 4> used{"--replay", "--metric", "--format", "--output"};
  for (const CLI::Option* const option : command.get_options()) {
    const std::string name = option->get_name();
    if (option->count() > 0 && !option->get_positional() && std::ranges::find(used, name) == used.end())
      throw CLI::ValidationError(name, core::found_allowed("an option that --replay does not use",
                                                           "--metric, --format or --output"));
  }
}

/// Adds the options of `analyze` that say what is measured, such as --metric.
void add_measure(CLI::App& command, analysis::Options& analysis) {
  command.add_option("--metric", analysis.metric,
                     "The metric to report [excess_loss where known, else train_loss]");
  command.add_option("--select-by", analysis.select_by, "The metric that chooses stepsizes [the same]")
      ->type_name("METRIC");
  command
      .add_option_function<std::string>(
          "--statistic",
          [&analysis](const std::string& text) { analysis.statistic = *analysis::parse_statistic(text); },
          "The statistic over the seeds: mean, median, trimmed (without the smallest and the largest tenth) or "
          "quantile=Q [mean]")
      ->type_name("WHICH")
      ->check([](const std::string& text) {
        return analysis::parse_statistic(text)
                   ? ""
                   : core::found_allowed(text, "mean, median, trimmed or quantile=Q with Q from 0 to 1");
      });
  command
      .add_option("--worst-over", analysis.worst_over,
                  "Take the worst statistic over this axis, for a family of problems")
      ->type_name("AXIS");
}

/// Adds the options of `analyze` for the costs of grids, the intervals and comparisons.
void add_costs(CLI::App& command, analysis::Options& analysis) {
  add_numbers(
      command, "--tolerance", analysis.tolerances,
      "How much larger than the tuned error that of the best point of a grid may be; 0.1 means 10 %. The "
      "error is the loss above f_star where that is known, else the loss, or 1 - accuracy [0.1,0.5,1]")
      ->type_name("X[,X...]")
      ->transform(positive_number());
  add_numbers(command, "--ratios", analysis.ratios,
              "The grid ratios for which costs are shown [1.5,2,3,5,10,20,50,100]")
      ->type_name("R[,R...]")
      ->transform(ratio_of_grid());
  command
      .add_option("--resamples", analysis.resamples,
                  "How often the seeds are resampled for the intervals; 0: no intervals [1999]")
      ->type_name("N")
      ->transform(whole_number(0, most_resamples));
  command
      .add_option("--baseline", analysis.baselines,
                  "Compare with this results file of the same problem, taken without tuning; repeatable")
      ->type_name("FILE")
      ->allow_extra_args(false);
}

}  // namespace

void add_status(CLI::App& program, Action& action) {
  struct Options {
    std::filesystem::path file;
    bool watch = false;
    std::string format = "text";
  };
  const auto options = std::make_shared<Options>();
  CLI::App* command =
      add_reader(program, "status", "Show how complete a results file is, even while a run is writing it",
                 options->file);
  command->add_flag(
      "--watch", options->watch,
      "Show progress and the best stepsizes so far until it is complete (Ctrl-C ends it, exit code 75)");
  command->add_option("--format", options->format, "text or json")
      ->type_name("FORMAT")
      ->transform(one_of({"text", "json"}));
  command->footer("Example: rhosweep status quickstart.h5 --watch");
  command->callback([options, &action] {
    const auto format = options->format == "json" ? StatusFormat::json : StatusFormat::text;
    if (options->watch && format == StatusFormat::json)
      throw CLI::ValidationError("--format", core::found_allowed("json with --watch", "text with --watch"));
    action = [options, format] {
      return options->watch ? watch_status(options->file) : print_status(options->file, format);
    };
  });
}

void add_export(CLI::App& program, Action& action) {
  struct Options {
    std::filesystem::path file;
    std::filesystem::path output;
  };
  const auto options = std::make_shared<Options>();
  CLI::App* command = add_reader(program, "export", "Write all cells as CSV, a row for each", options->file);
  add_output(*command, options->output);
  command->footer("Example: rhosweep export quickstart.h5 -o cells.csv");
  command->callback(
      [options, &action] { action = [options] { return export_cells(options->file, options->output); }; });
}

void add_verify(CLI::App& program, Action& action) {
  struct Options {
    VerifyOptions verify;
    std::string trials = "100";
  };
  const auto options = std::make_shared<Options>();
  CLI::App* command =
      add_reader(program, "verify",
                 "Check every finished cell against its checksum, and recompute a random sample bit by bit",
                 options->verify.file);
  command->add_option("--trials", options->trials, "How many cells to recompute, or all [100]")
      ->type_name("N")
      ->check(complaint_about_trials);
  command->add_flag("--run-programs", options->verify.runs_programs,
                    "Also recompute trials that are programs; starts the programs that the file names");
  command->footer("Example: rhosweep verify quickstart.h5 --trials 500");
  command->callback([options, &action] {
    if (options->trials != "all") options->verify.trials = core::parse_integer(options->trials);
    action = [options] { return verify(options->verify); };
  });
}

void add_analyze(CLI::App& program, Action& action) {
  struct Choices {
    std::vector<double> window;
    std::string format = "table";
  };
  const auto options = std::make_shared<AnalyzeOptions>();
  const auto choices = std::make_shared<Choices>();
  CLI::App* command = add_reader(
      program, "analyze",
      "Analyse results: best stepsizes, the cost of misspecified ones, and how coarse a grid may be",
      options->file);
  add_measure(*command, options->analysis);
  add_numbers(*command, "--window", choices->window,
              "The ratios to the best rho between which the exponent is measured [4,100]")
      ->type_name("LO,HI")
      ->expected(2)
      ->transform(positive_number());
  add_costs(*command, options->analysis);
  command->add_flag(
      "--replay", options->replays,
      "Replay a search for the best stepsizes ([search]) and early stops ([stop_when]) on this full sweep instead: "
      "what they would have run, and what they would have lost");
  command->add_option("--format", choices->format, "table, json or csv")
      ->type_name("FORMAT")
      ->transform(one_of({"table", "json", "csv"}));
  add_output(*command, options->output);
  command->footer("Example: rhosweep analyze worst_case.h5 --worst-over problem.curvature");
  command->callback([command, options, choices, &action] {
    if (options->replays) require_replay_options(*command);
    require_distinct("--tolerance", options->analysis.tolerances);
    require_distinct("--ratios", options->analysis.ratios);
    if (choices->window.size() == 2)
      options->analysis.window = {.low = choices->window[0], .high = choices->window[1]};
    if (choices->window.size() == 2 && choices->window[0] >= choices->window[1])
      throw CLI::ValidationError(
          "--window",
          core::found_allowed(fmt::format("{},{}", choices->window[0], choices->window[1]), "LO < HI"));
    if (choices->format == "json") options->format = AnalysisFormat::json;
    if (choices->format == "csv") options->format = AnalysisFormat::csv;
    if (options->replays && options->format == AnalysisFormat::csv)
      throw CLI::ValidationError("--format", core::found_allowed("csv with --replay", "table or json"));
    action = [options] { return analyze(*options); };
  });
}

}  // namespace rhosweep::app
