#pragma once

#include <filesystem>
#include <string>

#include <CLI/App.hpp>

namespace rhosweep::app {

/// Writes what documents a program of subcommands for the system that it is installed on, made from what its
/// --help is made of: man/NAME.1 and man/NAME-COMMAND.1, and completions/NAME for bash. Throws
/// core::FileError if it cannot.
/// @param name of the executable
void write_reference(const CLI::App& program, const std::string& name, const std::filesystem::path& folder);

}  // namespace rhosweep::app
