#pragma once

#include <exception>
#include <stdexcept>
#include <string>
#include <string_view>

namespace rhosweep::core {

/// Exit codes of the program. They have the same meaning for every subcommand.
enum class ExitCode : int {
  success = 0,    ///< every cell is done, diverged or stopped early
  failure = 1,    ///< an error, or at least one cell failed
  bad_input = 2,  ///< bad usage, a bad sweep file or a missing file; nothing was started or written
  drained = 75    ///< stopped early; run again with --resume
};

/// An error that a user or the environment can cause. The message is one line and needs no context.
class Error : public std::runtime_error {
 public:
  explicit Error(const std::string& message, ExitCode code = ExitCode::failure)
      : std::runtime_error(message), code_(code) {}

  /// The exit code of the program if nothing catches the error.
  ExitCode code() const { return code_; }

 private:
  ExitCode code_;
};

/// Bad usage, a bad sweep file or a bad data file. Ends the program with ExitCode::bad_input.
class InputError : public Error {
 public:
  explicit InputError(const std::string& message) : Error(message, ExitCode::bad_input) {}
};

/// A file system error: a missing folder, no permission, no space. The message names the file and the
/// system's reason.
class FileError : public Error {
 public:
  FileError(const std::string& file, const std::string& reason);
};

/// A bug in rhosweep itself or in a program that adds problems to it.
class InternalError : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

/// Returns the complaint about a bad value: "found …; allowed: …".
std::string found_allowed(std::string_view found, std::string_view allowed);

/// Throws InputError "WHERE: found …; allowed: …".
[[noreturn]] void refuse(std::string_view where, std::string_view found, std::string_view allowed);

/// Returns the text to show a user for an exception.
std::string message_of(const std::exception& error);

/// Throws InternalError unless the condition holds. Meant for cheap checks of contracts between components.
inline void require(bool condition, const char* message) {
  if (!condition) throw InternalError(message);
}

}  // namespace rhosweep::core
