#pragma once

#include "rhosweep/core/descriptor.hpp"
#include "rhosweep/model/schedule.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>

namespace rhosweep::program {

/// The file of a trial's multipliers h_t, t = 0 … T−1, one per line. It is empty until the program opens it:
/// many programs do not, and 10⁸ lines have 1.9 GB.
///
/// This process holds a lease on the file (fcntl(2)), so the kernel makes whoever opens it wait. Then write()
/// has to be called until the file is complete. Where leases cannot be had or end too early for so many
/// lines, the file is due from the start.
class MultipliersFile {
 public:
  /// Makes the file. Throws core::FileError if that fails.
  /// @param schedule must outlive this
  MultipliersFile(std::filesystem::path path, const model::Schedule& schedule, std::int64_t steps);

  /// Returns whether lines have to be written now.
  bool is_due();

  /// Writes the next lines, which takes a few milliseconds. Throws core::FileError if they cannot be written,
  /// and core::Error if the kernel may have let the program read an incomplete file. @pre is_due()
  void write();

 private:
  using Clock = std::chrono::steady_clock;

  std::filesystem::path path_;
  const model::Schedule& schedule_;
  std::int64_t steps_;
  std::int64_t written_ = 0;  ///< number of lines
  core::Descriptor file_;     ///< closed when the file is complete
  bool has_lease_ = false;
  bool is_asked_for_ = false;
  Clock::time_point unasked_;  ///< when nobody had opened the file yet
};

}  // namespace rhosweep::program
