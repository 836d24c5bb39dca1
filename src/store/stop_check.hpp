#pragma once

#include "rhosweep/model/stop_when.hpp"
#include "rhosweep/store/description.hpp"
#include "rhosweep/store/stored_cells.hpp"
#include "rhosweep/store/survey.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace rhosweep::store {

/// Compares the states of cells with what the rule of [stop_when] says about their curves. So a stopped trial
/// in a file is one that the rule stops, and a trial that is done is one that it does not stop.
class StopCheck {
 public:
  /// @param file a file of a sweep with [stop_when]; must outlive this object
  explicit StopCheck(const FileDescription& file);

  /// Judges all cells of some seeds at an axes point.
  /// @param steps of the evaluations
  /// @param is_sound (seeds, trials): the cell's checksum matches
  /// @param found receives the cells that contradict the rule
  void judge(core::PointIndex point, std::int64_t first_seed, std::span<const std::int64_t> steps,
             const model::BlockResult& cells, const std::vector<bool>& is_sound, Survey& found);

  /// Returns the limits of the rows whose first trials have all run.
  model::StopTable take_table() { return std::move(table_); }

 private:
  struct Row;
  /// Sets the limits of a row if its first trials have all run. @return whether they have
  bool find_limits(const Row& row, std::span<const std::int64_t> steps);
  /// Returns what is wrong with a cell; nullopt: nothing. @param knows_limits of its row
  std::optional<Misfit> misfit(const Row& row, std::int64_t rho, std::span<const std::int64_t> steps,
                               bool knows_limits) const;

  const FileDescription& file_;
  model::StopRule rule_;
  model::StopTable table_;
};

}  // namespace rhosweep::store
