#pragma once

#include <string>

#include <CLI/App.hpp>

namespace rhosweep::app {

/// Returns the subcommand of this name; nullptr if there is none.
const CLI::App* named_command(const CLI::App& program, const std::string& name);

/// Returns the message for a command line that cannot be parsed. It names the first word that is not
/// understood, in the order of the command line, and suggests the nearest option or command.
/// @param program after parsing
/// @param first_word the first argument, usually the subcommand
std::string complaint(const CLI::App& program, const CLI::ParseError& error, const std::string& first_word);

}  // namespace rhosweep::app
