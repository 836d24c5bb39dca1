#pragma once

#include <filesystem>

namespace rhosweep::program {

/// A new folder in the system's folder for temporary files. The destructor removes it.
class Scratch {
 public:
  /// Throws core::FileError if the folder cannot be made.
  Scratch();
  ~Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  const std::filesystem::path& folder() const { return folder_; }

 private:
  std::filesystem::path folder_;
};

}  // namespace rhosweep::program
