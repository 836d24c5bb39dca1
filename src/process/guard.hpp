#pragma once

#include <array>
#include <csignal>

namespace rhosweep::process {

/// Signals that a terminal, mpirun or a batch system sends to every process of a job. The guard ignores them,
/// since the master decides how to react and the guard must outlive it. They are blocked from the start of
/// the guard until it ignores them. SIGPIPE and SIGXFSZ are included because the master ignores both.
inline constexpr std::array ignored_signals{SIGHUP,  SIGINT,  SIGQUIT, SIGTERM,
                                            SIGUSR1, SIGUSR2, SIGPIPE, SIGXFSZ};

/// A guard consists of two processes in one process group, so that the program ends even if one of them is
/// killed. The watcher starts the program, and watches the program and the master. The keeper, the watcher's
/// parent, ends the program if the watcher is killed. The command of a guard is: EXECUTABLE guard_word
/// SCRATCH leave_word|remove_word FOLDER PROGRAM ARGUMENTS…
inline constexpr const char* guard_word = "guard-of-a-trial";
inline constexpr const char* leave_word =
    "leave";  ///< the master removes the scratch folder after the program has ended
inline constexpr const char* remove_word = "remove";  ///< the guard removes the scratch folder
inline constexpr int guard_arguments = 5;             ///< number of arguments before the program

/// Descriptors of a guard, in addition to 0, 1 and 2, which are the program's standard streams.
inline constexpr int life_number = 3;     ///< a pipe that reaches its end when the master dies
inline constexpr int message_number = 4;  ///< a pipe for messages (GuardMessage) to the master

/// A message from a guard's watcher to its master: first `started`, then one of the others when the program
/// and its descendants have ended.
struct GuardMessage {
  enum class What : int { started, exited, killed, not_started };
  What what;
  int value;  ///< process id if started, exit code if exited, signal if killed, errno if not_started
};

}  // namespace rhosweep::process
