#pragma once

#include <array>
#include <csignal>

namespace rhosweep::process {

/// Signals that go to every process of a job, by a terminal, mpirun or a batch system: the master decides
/// what they mean, and the guard has to outlive it. They are blocked from the guard's first moment on, when
/// it has not yet come to ignore them.
inline constexpr std::array ignored_signals{SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGPIPE};

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
