#pragma once

#include <exception>
#include <stdexcept>
#include <string>

namespace rhosweep::core {

/// Exit codes of the program; the contract of every subcommand.
enum class ExitCode : int {
  success = 0,    ///< every cell is done or diverged
  failure = 1,    ///< an error, or some cell failed
  bad_input = 2,  ///< bad usage or sweep file: nothing was started, nothing was written
  drained = 75    ///< stopped by a signal: incomplete, run again with --resume
};

/// What a user or the world can cause. The message is one line, complete in itself.
class Error : public std::runtime_error {
 public:
  explicit Error(const std::string& message, ExitCode code = ExitCode::failure)
      : std::runtime_error(message), code_(code) {}

  ExitCode code() const { return code_; }

 private:
  ExitCode code_;
};

/// Bad usage, a bad sweep file or a bad data file: ends the program with ExitCode::bad_input.
class InputError : public Error {
 public:
  explicit InputError(const std::string& message) : Error(message, ExitCode::bad_input) {}
};

/// The file system refuses: a missing folder, no permission, no space. Names the file and the system's
/// reason.
class FileError : public Error {
 public:
  FileError(const std::string& file, const std::string& reason);
};

/// A bug in rhosweep itself, or in a program that adds problems to it.
class InternalError : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

/// What to tell people about an exception.
std::string message_of(const std::exception& error);

/// Throws InternalError unless the condition holds; for contracts between rooms that are cheap to check.
inline void require(bool condition, const char* message) {
  if (!condition) throw InternalError(message);
}

}  // namespace rhosweep::core
