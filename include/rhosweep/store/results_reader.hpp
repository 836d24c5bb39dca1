#pragma once

#include "rhosweep/core/ids.hpp"
#include "rhosweep/model/block.hpp"
#include "rhosweep/store/description.hpp"
#include "rhosweep/store/stored_cells.hpp"

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace rhosweep::store {

/// Consecutive seeds of the grid, by index.
struct SeedRange {
  std::int64_t first = 0;
  std::int64_t count = 0;
};

/// Reads a results file without MPI, one axes point or one schedule at a time. It takes no lock, so it works
/// while a run is writing, and it sees every block whose write has returned on this node.
class ResultsReader {
 public:
  /// Throws core::FileError if the file is damaged. Throws core::InputError if it is missing, may not be read
  /// or is not a regular file, if it is not a results file, or if this version does not know its format.
  explicit ResultsReader(const std::filesystem::path& path);
  ~ResultsReader();
  ResultsReader(ResultsReader&&) noexcept;
  ResultsReader& operator=(ResultsReader&&) noexcept;

  // For a temporary reader, these functions return by value or do not compile, so that no reference to a
  // member of the reader dangles.
  const std::filesystem::path& path() const&;
  std::filesystem::path path() &&;

  /// The description that was given to ResultsFile::create.
  const FileDescription& description() const&;
  FileDescription description() &&;
  const Provenance& provenance() const&;
  Provenance provenance() &&;

  /// η at an axes point, shape (schedules, ρ).
  std::span<const double> stepsizes(core::PointIndex point) const&;
  std::span<const double> stepsizes(core::PointIndex point) && = delete;
  /// The step of each evaluation at an axes point.
  std::span<const std::int64_t> steps(core::PointIndex point) const&;
  std::span<const std::int64_t> steps(core::PointIndex point) && = delete;
  /// The minimum of the objective; NaN if unknown.
  double f_star(core::PointIndex point) const;
  /// A metric at the initial point, shape (seeds); empty if the file lacks it.
  std::span<const double> initial(const std::string& metric, core::PointIndex point) const&;
  std::span<const double> initial(const std::string& metric, core::PointIndex point) && = delete;

  /// Number of cells in each state.
  model::StatusCounts count_status() const;

  /// States of all cells at an axes point, shape (seeds, schedules, ρ). An invalid state is damage and counts
  /// as pending, so that the cell is run again.
  std::vector<model::CellStatus> read_status(core::PointIndex point) const;
  /// States of the cells of one schedule, shape (seeds of the range, ρ).
  std::vector<model::CellStatus> read_status(core::PointIndex point, std::int64_t schedule,
                                             const SeedRange& seeds) const;
  /// A metric of one schedule at the last step, shape (seeds of the range, ρ); NaN where a cell is pending.
  std::vector<double> read_final(const std::string& metric, core::PointIndex point, std::int64_t schedule,
                                 const SeedRange& seeds) const;

  /// Reads all results of consecutive seeds at an axes point.
  StoredCells read_cells(core::PointIndex point, std::int64_t first_seed, std::int64_t seeds) const;

  /// Reads the history of the cells that read_cells() returns for the same arguments.
  CellHistory read_history(core::PointIndex point, std::int64_t first_seed, std::int64_t seeds) const;

  /// The files that cells were copied from, in the order of their numbers, which start at 1.
  std::vector<std::string> sources() const;
  /// Number of cells copied from each file, indexed by the file's number; element 0 counts the cells that
  /// were not copied. Returns {0} if sources() is empty.
  std::vector<std::int64_t> count_sources() const;

  /// Reads why trials of each seed failed, shape (seeds). The text of a seed is empty if none of its trials
  /// failed.
  std::vector<std::string> read_failures(core::PointIndex point) const;

  /// Sum of the wall times of all trials, in seconds.
  double total_seconds() const;

 private:
  struct Open;
  std::unique_ptr<Open> open_;
};

}  // namespace rhosweep::store
