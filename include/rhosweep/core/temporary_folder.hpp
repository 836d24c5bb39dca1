#pragma once

#include "rhosweep/core/descriptor.hpp"

#include <filesystem>
#include <functional>
#include <string_view>

namespace rhosweep::core {

/// A new folder in the system's folder for temporary files, rhosweep-PURPOSE-HOST-XXXXXX. The destructor
/// removes it.
///
/// While this process lives, it holds a lock (flock(2)) on the folder. So other processes can tell whether
/// the folder was left behind by a killed process.
class TemporaryFolder {
 public:
  /// Makes the folder. Throws FileError if it cannot be made.
  explicit TemporaryFolder(std::string_view purpose);
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  /// The folder's absolute path.
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
  Descriptor lock_;
};

/// Locks a TemporaryFolder, also if the process that made it has ended. The lock lasts until the returned
/// descriptor is closed.
/// @return a closed descriptor if the folder does not exist or cannot be locked
Descriptor hold_folder(const std::filesystem::path& folder);

/// Removes all folders for this purpose that this user made on this host and that no process has locked.
/// @param before called for each folder before it is removed
void remove_abandoned(std::string_view purpose,
                      const std::function<void(const std::filesystem::path&)>& before = {});

/// Removes a folder and its contents, even subfolders that this user may not read or write (mode 000). Does
/// nothing if the folder does not exist. Files that cannot be removed stay.
void remove_folder(const std::filesystem::path& folder);

}  // namespace rhosweep::core
