#pragma once

#include "rhosweep/core/descriptor.hpp"

#include <filesystem>
#include <string_view>

namespace rhosweep::store {

/// Keeps two runs from writing one results file, which need not exist yet. The lock is a hidden file beside
/// it, `.NAME.lock`, because MPI-IO may lock the results file itself. The system gives it up when the process
/// ends, however that happens, also on network file systems with locks. Where there are no locks, nothing is
/// locked.
class RunLock {
 public:
  /// Waits up to 3 s for a run that is ending. Throws core::InputError if another process keeps the lock,
  /// with the name that this process has noted.
  explicit RunLock(const std::filesystem::path& results);
  /// Removes the hidden file.
  ~RunLock();
  RunLock(const RunLock&) = delete;
  RunLock& operator=(const RunLock&) = delete;

  /// Notes the name of this process in the hidden file. Does nothing if there is no lock, or no space for it:
  /// so call it when the results file has its space.
  void note(std::string_view owner) const;

 private:
  std::filesystem::path path_;
  core::Descriptor descriptor_;
};

}  // namespace rhosweep::store
