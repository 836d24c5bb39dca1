#pragma once

#include "rhosweep/core/error.hpp"

#include <functional>
#include <string>

#include <CLI/App.hpp>

namespace rhosweep::app {

/// A function that runs the subcommand of the command line. Parsing sets it; main calls it afterwards.
using Action = std::function<core::ExitCode()>;

// Each function adds a subcommand with its options. If the command line names the subcommand, parsing sets
// `action`, so `action` must exist until parsing has ended.

/// @param argc, argv passed to MPI_Init; both must outlive `action`
void add_run(CLI::App& program, Action& action, int& argc, char**& argv);
void add_try(CLI::App& program, Action& action);
void add_plan(CLI::App& program, Action& action);
/// @param command_line recorded in the merged file's provenance
void add_merge(CLI::App& program, Action& action, const std::string& command_line);

void add_status(CLI::App& program, Action& action);
void add_export(CLI::App& program, Action& action);
void add_verify(CLI::App& program, Action& action);
void add_analyze(CLI::App& program, Action& action);

void add_list(CLI::App& program, Action& action);
void add_schedule(CLI::App& program, Action& action);
void add_theory(CLI::App& program, Action& action);

}  // namespace rhosweep::app
