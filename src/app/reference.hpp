#pragma once

#include <filesystem>
#include <string>

#include <CLI/App.hpp>

namespace rhosweep::app {

/// Writes the man pages and the bash completion of a program with subcommands: man/NAME.1,
/// man/NAME-COMMAND.1 and completions/NAME. They come from the same descriptions as --help. Throws
/// core::FileError if a file cannot be written.
/// @param name name of the executable
void write_reference(const CLI::App& program, const std::string& name, const std::filesystem::path& folder);

}  // namespace rhosweep::app
