#pragma once

#include "multipliers_file.hpp"

#include "rhosweep/model/schedule.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <utility>
#include <vector>

namespace rhosweep::program {

/// The folders and files of the trials that a living process runs at one time. Making and removing them would
/// dominate the cost of sending a trial to a process. So they are reused for the next trials if the process
/// has neither read nor written them.
class TrialFiles {
 public:
  /// @param folder the scratch folder of the process
  explicit TrialFiles(std::filesystem::path folder) : folder_(std::move(folder)) {}

  /// Makes the files of a message. Throws core::FileError if that fails.
  /// @param schedules one for each trial; must outlive the message
  /// @param with_table whether the trials also have their multipliers in one table
  void prepare(const std::vector<const model::Schedule*>& schedules, std::int64_t steps, bool with_table);

  /// Return the paths of a trial's folder, of its multipliers, and of the table of all multipliers.
  std::filesystem::path scratch(std::size_t trial) const;
  std::filesystem::path multipliers(std::size_t trial) const;
  std::filesystem::path table() const;

  /// The files of multipliers of the message, which must be written when the program opens them.
  std::span<MultipliersFile> files() { return {files_.data(), in_use_}; }

  /// Removes everything that the trials have left in their folders.
  void clear();

 private:
  std::filesystem::path folder_;
  std::vector<MultipliersFile> files_;  ///< the table, if there is one, then one for each trial
  std::size_t first_ = 0;               ///< index of the first trial's file: 1 with a table
  std::size_t in_use_ = 0;              ///< number of files of the message
};

}  // namespace rhosweep::program
