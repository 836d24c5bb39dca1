#pragma once

namespace rhosweep::process {

/// How a guard is started: EXECUTABLE guard_word SCRATCH FOLDER PROGRAM ARGUMENTS…
inline constexpr const char* guard_word = "guard-of-a-trial";
inline constexpr int guard_arguments = 4;  ///< before the program

/// Descriptors of a guard, beside the program's 0, 1 and 2.
inline constexpr int life_number = 3;    ///< a pipe whose end is the end of the guard's master
inline constexpr int report_number = 4;  ///< a pipe to the master, of Report

/// What a guard says to its master: `started` at once, one of the others when all is over.
struct Report {
  enum class What : int { started, exited, killed, not_started };
  What what;
  int value;  ///< the program's process id, exit code, signal, errno
};

}  // namespace rhosweep::process
