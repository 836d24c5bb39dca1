#include "commands.hpp"
#include "number_options.hpp"
#include "one_of.hpp"
#include "subcommands.hpp"

#include "rhosweep/core/error.hpp"

#include <cstdint>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>

namespace rhosweep::app {

namespace {

/// Largest number of steps. At this limit, each ρ takes some seconds, and a table with a row per step has
/// gigabytes.
constexpr std::int64_t most_steps = 100'000'000;

/// Adds the arguments that name a schedule and the number of its steps.
void add_schedule_of_steps(CLI::App& command, std::string& spec, std::int64_t& steps) {
  command.add_option("spec", spec, "The schedule, as in a sweep file")->required()->type_name("SPEC");
  command.add_option("--steps", steps, "The number T of steps")
      ->required()
      ->transform(whole_number(1, most_steps));
}

/// Adds the options of `theory` that say what is printed.
/// @return the option --grid-ratio
CLI::Option* add_questions(CLI::App& command, TheoryOptions& options) {
  add_numbers(command, "--rho", options.rhos,
              "How many times too large the stepsize is [1,2,4,16,64 without --grid-ratio]")
      ->type_name("R[,R...]")
      ->transform(positive_number());
  CLI::Option* grid_ratio =
      add_numbers(
          command, "--grid-ratio", options.grid_ratios,
          "Ratio of neighbouring stepsizes of a grid: prints the cost of its best point, worst and mean "
          "over all offsets of the grid [2,5,10,50 without --rho]")
          ->type_name("G[,G...]")
          ->transform(ratio_of_grid());
  add_numbers(command, "--tolerance", options.tolerances,
              "Prints the coarsest grid ratio whose worst cost is at most 1 + X "
              "[0.1,0.25,0.5,1 with --grid-ratio or without --rho]")
      ->type_name("X[,X...]")
      ->transform(positive_number());
  return grid_ratio;
}

}  // namespace

void add_list(CLI::App& program, Action& action) {
  struct Options {
    std::string what;
    std::string name;
  };
  const auto options = std::make_shared<Options>();
  CLI::App* command =
      program.add_subcommand("list", "Document the schedules, problems, metrics, optimizers or keys");
  command->add_option("what", options->what, "schedules, problems, metrics, optimizers or keys")
      ->required()
      ->type_name("WHAT")
      ->transform(one_of({"schedules", "problems", "metrics", "optimizers", "keys"}));
  command->add_option("name", options->name, "Only the one of this name, or the keys of this section")
      ->type_name("NAME");
  command->footer("Example: rhosweep list problems logistic_regression");
  command->callback(
      [options, &action] { action = [options] { return print_list(options->what, options->name); }; });
}

void add_schedule(CLI::App& program, Action& action) {
  struct Options {
    std::string spec;
    std::int64_t steps = 0;
  };
  const auto options = std::make_shared<Options>();
  CLI::App* command = program.add_subcommand("schedule", "Print t, u and h_t of a schedule");
  add_schedule_of_steps(*command, options->spec, options->steps);
  command->footer("Example: rhosweep schedule 'warmup(0.1, cosine)' --steps 100");
  command->callback(
      [options, &action] { action = [options] { return print_schedule(options->spec, options->steps); }; });
}

void add_theory(CLI::App& program, Action& action) {
  const auto options = std::make_shared<TheoryOptions>();
  const auto form = std::make_shared<std::string>();
  CLI::App* command = program.add_subcommand(
      "theory", "Print the cost of a misspecified stepsize under a schedule according to theory");
  add_schedule_of_steps(*command, options->spec, options->steps);
  CLI::Option* grid_ratio = add_questions(*command, *options);
  command
      ->add_option(
          "--form", *form,
          "last-iterate: the bound with S_t; last-gradient: the bound with S_{t+1} for the last point "
          "where a gradient is taken, which is a theorem without smoothness [last-iterate]")
      ->type_name("FORM")
      ->transform(one_of({"last-iterate", "last-gradient"}));
  command->add_option("--diameter", options->diameter, "D [1]")->transform(positive_number());
  CLI::Option* gradient_bound =
      command->add_option("--gradient-bound", options->gradient_bound, "G: E|g|^2 <= G^2 [1]")
          ->transform(positive_number());
  CLI::Option* smoothness =
      command->add_option("--smoothness", options->smoothness, "beta: the bound of the smooth case")
          ->transform(positive_number())
          ->excludes(gradient_bound)
          ->excludes(grid_ratio);
  command->add_option("--noise", options->noise, "sigma of the smooth case [1]")
      ->transform(positive_number())
      ->needs(smoothness);
  command->footer(
      "Example: rhosweep theory 'polynomial(2)' --steps 6400 --rho 2,4,16,64\n"
      "          rhosweep theory cosine --steps 6400 --grid-ratio 2,5,10,50");
  command->callback([options, form, &action] {
    require_distinct("--rho", options->rhos);
    require_distinct("--grid-ratio", options->grid_ratios);
    require_distinct("--tolerance", options->tolerances);
    if (*form == "last-gradient") options->form = theory::Form::last_gradient;
    if (options->smoothness && !options->tolerances.empty())
      throw CLI::ValidationError(
          "--tolerance",
          core::found_allowed("with --smoothness",
                              "without, since grid costs are of the bound without smoothness"));
    if (*form == "last-gradient" && options->smoothness)
      throw CLI::ValidationError("--form",
                                 core::found_allowed("last-gradient with --smoothness",
                                                     "last-iterate, which smoothness makes a theorem"));
    action = [options] { return print_theory(*options); };
  });
}

}  // namespace rhosweep::app
