#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>

namespace rhosweep::h5 {

/// Throws Hdf5Error if the HDF5 library crashes or does not come to an end while it reads the file. A child
/// process reads it first, within limits of time and memory, so that this process need not. Ordinary errors
/// of the library are no reason to throw: this process meets them itself.
///
/// The child reads all that this room can read: every attribute, all texts and compressed values, and the
/// first and the last of other values. It calls no MPI function. A file that has passed is not read again
/// until its size or time of change differs.
/// @param names the variables of the root that will be read; empty for all of the root and of its groups
void require_readable(const std::filesystem::path& path, std::span<const std::string> names = {});

/// What a child process may use.
struct ChildLimits {
  std::chrono::seconds processor_time{5};
  std::chrono::seconds time{30};
  std::int64_t memory = std::int64_t{4} << 30;  ///< beyond what this process has, in bytes
};

/// Runs an action in a child process, which prints nothing and ends without running destructors or exit
/// handlers of this process. Throws Hdf5Error if the child crashes or exceeds its time. An exception of the
/// action ends the child like a return.
void require_survivable(const std::function<void()>& action, const ChildLimits& limits);

/// Raises this process' limits of time for work that grows with the bytes to read. Call it in the action.
void allow_time_for(std::uint64_t bytes);

}  // namespace rhosweep::h5
