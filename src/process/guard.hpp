#pragma once

#include <array>
#include <csignal>

namespace rhosweep::process {

/// Signals that a terminal, mpirun or a batch system sends to every process of a job. The guard ignores them,
/// since the master decides how to react and the guard must outlive it. They are blocked when the guard
/// starts, until it ignores them. SIGPIPE and SIGXFSZ belong to them because the master ignores both.
inline constexpr std::array ignored_signals{SIGHUP,  SIGINT,  SIGQUIT, SIGTERM,
                                            SIGUSR1, SIGUSR2, SIGPIPE, SIGXFSZ};

/// A guard consists of two processes in one process group, so that a program is ended also when either of
/// them is killed. The watcher starts the program and watches it and the master. The keeper, its parent, ends
/// the program when the watcher is killed. A guard is started as: EXECUTABLE guard_word SCRATCH
/// leave_word|remove_word FOLDER PROGRAM ARGUMENTS…
inline constexpr const char* guard_word = "guard-of-a-trial";
inline constexpr const char* leave_word =
    "leave";  ///< the master removes the scratch folder of a program that has ended
inline constexpr const char* remove_word = "remove";  ///< the guard removes it
inline constexpr int guard_arguments = 5;             ///< number of arguments before the program

/// Descriptors of a guard, in addition to the program's 0, 1 and 2.
inline constexpr int life_number = 3;     ///< a pipe that reaches its end when the master dies
inline constexpr int message_number = 4;  ///< a pipe for messages (GuardMessage) to the master

/// A message from a guard's watcher to its master: `started` first, one of the others when the program and
/// its descendants have ended.
struct GuardMessage {
  enum class What : int { started, exited, killed, not_started };
  What what;
  int value;  ///< process id if started, exit code if exited, signal if killed, errno if not_started
};

}  // namespace rhosweep::process
