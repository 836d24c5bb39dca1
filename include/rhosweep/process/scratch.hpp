#pragma once

#include "rhosweep/core/temporary_folder.hpp"

#include <filesystem>
#include <string_view>

namespace rhosweep::process {

/// The environment variable that names the scratch folder of a program. The variable marks the program and
/// its descendants, so that these can be found after the program's guard and the process that started the
/// program have been killed.
inline constexpr std::string_view scratch_variable = "RHOSWEEP_SCRATCH";

/// A new folder for a program, in the system's folder for temporary files. The destructor removes it.
class Scratch {
 public:
  /// Makes the folder. The first Scratch in a process also cleans up after programs whose guard and starting
  /// process were killed: it removes their folders and kills all processes whose scratch_variable names such
  /// a folder. Throws core::FileError if the folder cannot be made.
  Scratch();

  /// The folder's absolute path.
  const std::filesystem::path& folder() const { return folder_.path(); }

 private:
  core::TemporaryFolder folder_;
};

}  // namespace rhosweep::process
