#pragma once

#include "rhosweep/core/error.hpp"

#include <functional>
#include <string>

#include <CLI/App.hpp>

namespace rhosweep::app {

/// What the subcommand of the command line does, once it is parsed.
using Action = std::function<core::ExitCode()>;

// Each adds a subcommand with its options, which sets the action if the command line names it. The action
// must outlive the program's parsing.

/// @param argc and argv go to MPI_Init and must outlive the action
void add_run(CLI::App& program, Action& action, int& argc, char**& argv);
void add_plan(CLI::App& program, Action& action);
/// @param command_line for the provenance
void add_merge(CLI::App& program, Action& action, const std::string& command_line);

void add_status(CLI::App& program, Action& action);
void add_verify(CLI::App& program, Action& action);
void add_analyze(CLI::App& program, Action& action);

void add_list(CLI::App& program, Action& action);
void add_schedule(CLI::App& program, Action& action);
void add_theory(CLI::App& program, Action& action);

}  // namespace rhosweep::app
