#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>

namespace rhosweep::h5 {

/// Throws Hdf5Error if the HDF5 library crashes or hangs while it reads the file. A child process reads the
/// file first, with limits on time and memory, so that this process does not crash or hang. Ordinary errors
/// of the library are ignored here: they occur again when this process reads.
///
/// The child reads everything that this library can read: every attribute, all strings, all compressed
/// values, and at least the first and the last value of every other dataset. It calls no MPI function. A
/// later call for the same file returns at once, unless the file's size or modification time has changed.
/// @param names the variables in the root group that will be read; empty: all variables of the root group and
/// of its groups
void require_readable(const std::filesystem::path& path, std::span<const std::string> names = {});

/// Limits of a child process.
struct ChildLimits {
  std::chrono::seconds processor_time{5};
  std::chrono::seconds time{30};                ///< wall time
  std::int64_t memory = std::int64_t{4} << 30;  ///< bytes in addition to this process's address space
};

/// Runs an action in a child process, which prints nothing and ends without running destructors or exit
/// handlers of this process. Throws Hdf5Error if the child crashes or exceeds its time. If the action throws,
/// the child ends as if the action had returned.
void require_survivable(const std::function<void()>& action, const ChildLimits& limits);

/// Raises this process's time limits in proportion to the bytes that it will read. Call it in the action of
/// require_survivable().
void allow_time_for(std::uint64_t bytes);

}  // namespace rhosweep::h5
