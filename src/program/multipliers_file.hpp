#pragma once

#include "rhosweep/core/descriptor.hpp"
#include "rhosweep/model/schedule.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <vector>

#include <fmt/format.h>

namespace rhosweep::program {

/// A file of multipliers h_t, t = 0 … T−1. It stays empty until the program opens it, because many programs
/// never read it and 10⁸ lines take 1.9 GB.
///
/// This process holds a lease on the file (fcntl(2)), so the kernel blocks a program that opens the file. The
/// numbers are then due: call write() until the file is complete. If the system grants no lease, or the lease
/// would expire before all numbers are written, the numbers are due from the start.
class MultipliersFile {
 public:
  /// Makes a text file with one line per step. Throws core::FileError if that fails.
  /// @param schedule must outlive this object
  static MultipliersFile text(std::filesystem::path path, const model::Schedule& schedule,
                              std::int64_t steps);

  /// Makes a file in NumPy's format NPY 1.0: a table of float64, shape (steps, schedules). Throws
  /// core::FileError if that fails. @param schedules must outlive this object
  static MultipliersFile table(std::filesystem::path path, std::vector<const model::Schedule*> schedules,
                               std::int64_t steps);

  /// Uses the file for other multipliers, if no program has opened it. @return whether that was possible
  bool assign(std::vector<const model::Schedule*> schedules, std::int64_t steps);
  /// Closes the file, which has already been removed from its folder.
  void drop() { file_.close(); }

  /// Returns whether numbers have to be written now.
  bool is_due();

  /// Writes the next numbers, which takes a few milliseconds. Throws core::FileError if they cannot be
  /// written, and core::Error if the kernel may have let the program read an incomplete file. @pre is_due()
  void write();

 private:
  using Clock = std::chrono::steady_clock;
  enum class Form { text, table };

  MultipliersFile(std::filesystem::path path, std::vector<const model::Schedule*> schedules,
                  std::int64_t steps, Form form);
  /// Returns whether all numbers can be written before the kernel breaks the lease.
  bool is_short() const;
  void append(fmt::memory_buffer& piece, std::int64_t step) const;

  std::filesystem::path path_;
  std::vector<const model::Schedule*> schedules_;
  std::int64_t steps_;
  Form form_;
  std::int64_t written_ = 0;  ///< number of steps written
  core::Descriptor file_;     ///< closed when the file is complete
  bool has_lease_ = false;
  bool is_asked_for_ = false;
  Clock::time_point unasked_;  ///< the last time at which no program had opened the file
};

}  // namespace rhosweep::program
