#pragma once

#include "rhosweep/core/descriptor.hpp"

#include <filesystem>
#include <string_view>

namespace rhosweep::store {

/// Keeps two runs from writing to the same results file, which need not exist yet. The lock is on a hidden
/// file beside it, `.NAME.lock`, because MPI-IO may lock the results file itself. The system releases the
/// lock when the process ends for any reason, also on network file systems that support locks. On file
/// systems without locks, a RunLock locks nothing.
class RunLock {
 public:
  /// Waits up to 3 s for a run that is ending. Throws core::InputError if another process keeps the lock; the
  /// message quotes the name that the other process noted.
  explicit RunLock(const std::filesystem::path& results);
  /// Removes the hidden file.
  ~RunLock();
  RunLock(const RunLock&) = delete;
  RunLock& operator=(const RunLock&) = delete;

  /// Writes the name of this process to the hidden file. Does nothing if no lock could be made or the disk is
  /// full. Call it after the results file has reserved its space, so that the name takes no space from the
  /// results.
  void note(std::string_view owner) const;

 private:
  std::filesystem::path path_;
  core::Descriptor descriptor_;
};

}  // namespace rhosweep::store
