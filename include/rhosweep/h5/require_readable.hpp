#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>

namespace rhosweep::h5 {

/// Throws Hdf5Error if the HDF5 library crashes or does not come to an end while it reads the file. A child
/// process reads the file first, within limits of time and memory, so that this process does not crash or
/// hang. This function ignores ordinary errors of the library, which occur again when this process reads.
///
/// The child reads all that this room can read: every attribute, all texts and compressed values, and the
/// first and the last of other values. It calls no MPI function. A later call for the same file returns at
/// once, unless the file's size or modification time has changed.
/// @param names the variables of the root that will be read; empty: all of them, and those of its groups
void require_readable(const std::filesystem::path& path, std::span<const std::string> names = {});

/// Limits of a child process.
struct ChildLimits {
  std::chrono::seconds processor_time{5};
  std::chrono::seconds time{30};                ///< wall time
  std::int64_t memory = std::int64_t{4} << 30;  ///< beyond what this process has, in bytes
};

/// Runs an action in a child process, which prints nothing and ends without running destructors or exit
/// handlers of this process. Throws Hdf5Error if the child crashes or exceeds its time. If the action
/// throws, the child ends as if it had returned.
void require_survivable(const std::function<void()>& action, const ChildLimits& limits);

/// Raises this process' limits of time in proportion to the bytes that it will read. Call it in the action.
void allow_time_for(std::uint64_t bytes);

}  // namespace rhosweep::h5
