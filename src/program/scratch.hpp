#pragma once

#include <filesystem>

namespace rhosweep::program {

/// A new empty folder in the system's folder for temporary files; removed at the end.
class Scratch {
 public:
  /// Throws core::FileError.
  Scratch();
  ~Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  const std::filesystem::path& folder() const { return folder_; }

 private:
  std::filesystem::path folder_;
};

}  // namespace rhosweep::program
