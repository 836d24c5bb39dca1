#pragma once

#include "rhosweep/core/descriptor.hpp"
#include "rhosweep/model/schedule.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <vector>

#include <fmt/format.h>

namespace rhosweep::program {

/// A file of multipliers h_t, t = 0 … T−1. It is empty until the program opens it: many programs do not, and
/// 10⁸ lines have 1.9 GB.
///
/// This process holds a lease on the file (fcntl(2)), so the kernel makes whoever opens it wait. Then write()
/// has to be called until the file is complete. Where leases cannot be had or end too early for so many
/// numbers, the file is due from the start.
class MultipliersFile {
 public:
  /// Makes a file of text, with one line per step. Throws core::FileError if that fails.
  /// @param schedule must outlive this
  static MultipliersFile text(std::filesystem::path path, const model::Schedule& schedule,
                              std::int64_t steps);

  /// Makes a file of NumPy's format NPY 1.0: a table (steps, schedules) of float64. Throws core::FileError if
  /// that fails. @param schedules must outlive this
  static MultipliersFile table(std::filesystem::path path, std::vector<const model::Schedule*> schedules,
                               std::int64_t steps);

  /// Uses the file for other multipliers, if nobody has opened it. @return whether that was possible
  bool assign(std::vector<const model::Schedule*> schedules, std::int64_t steps);
  /// Forgets the file, which has been removed.
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
  /// Returns whether so many numbers can be written while the kernel lets a program wait.
  bool is_short() const;
  void append(fmt::memory_buffer& piece, std::int64_t step) const;

  std::filesystem::path path_;
  std::vector<const model::Schedule*> schedules_;
  std::int64_t steps_;
  Form form_;
  std::int64_t written_ = 0;  ///< number of steps
  core::Descriptor file_;     ///< closed when the file is complete
  bool has_lease_ = false;
  bool is_asked_for_ = false;
  Clock::time_point unasked_;  ///< when nobody had opened the file yet
};

}  // namespace rhosweep::program
