#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <poll.h>
#include <sys/types.h>

namespace rhosweep::process {

/// Returns the child processes of this process, including those that have ended but were not waited for.
std::vector<pid_t> children();

/// Calls `kill` until it finds no process to kill, but for a few seconds at most: a process in an
/// uninterruptible wait for a device cannot be killed until the device answers.
/// @param kill kills processes and returns whether it found any
template <class Kill>
void kill_repeatedly(Kill&& kill) {
  constexpr int pause_milliseconds = 5;
  constexpr int most = 600;
  for (int i = 0; i < most && kill(); ++i) ::poll(nullptr, 0, pause_milliseconds);
}

/// Returns the environment entry that marks the processes of the program with this scratch folder.
std::string mark_of(const std::filesystem::path& scratch);

/// Kills the processes whose environment contains `entry` (NAME=VALUE), except this process. Processes of
/// other users cannot be examined.
/// @return whether there was any such process
bool kill_marked(const std::string& entry);

}  // namespace rhosweep::process
