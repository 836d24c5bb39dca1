#pragma once

#include "rhosweep/core/descriptor.hpp"

#include <filesystem>

namespace rhosweep::mpi {

/// A temporary folder for the session of a process that no launcher has started. Open MPI takes all such
/// processes of a user for the same job, so in a common folder the first one that ends removes what the
/// others are using.
class SessionFolder {
 public:
  /// Makes the folder, and removes those that killed processes have left behind.
  SessionFolder();
  /// Removes the folder.
  ~SessionFolder();
  SessionFolder(const SessionFolder&) = delete;
  SessionFolder& operator=(const SessionFolder&) = delete;

  /// Empty if the folder cannot be made.
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
  core::Descriptor lock_;  ///< held while this process lives
};

}  // namespace rhosweep::mpi
