#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <poll.h>
#include <sys/types.h>

namespace rhosweep::process {

/// Returns the child processes of this process, also those that have ended and were not waited for.
std::vector<pid_t> children();

/// Calls `kill`, which kills processes, until it finds none, for a few seconds at most: a process that waits
/// for a device cannot be killed before the device answers.
template <class Kill>
void kill_repeatedly(Kill&& kill) {
  constexpr int pause_milliseconds = 5;
  constexpr int most = 600;
  for (int i = 0; i < most && kill(); ++i) ::poll(nullptr, 0, pause_milliseconds);
}

/// Returns the entry of the environment by which processes of a program with this scratch folder are found.
std::string mark_of(const std::filesystem::path& scratch);

/// Kills the processes whose environment has an entry NAME=VALUE. Processes of other users cannot be
/// examined.
/// @return whether there was any, except this process
bool kill_marked(const std::string& entry);

}  // namespace rhosweep::process
