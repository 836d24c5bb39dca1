#include "rhosweep/store/survey.hpp"

#include "layout.hpp"
#include "stop_check.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/model/sweep.hpp"
#include "rhosweep/store/results_reader.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace rhosweep::store {

using model::CellStatus;

namespace {

/// Finds cells that contradict the sweep of their file (see Misfit).
class MisfitCheck {
 public:
  explicit MisfitCheck(const FileDescription& file)
      : grid_(file.grid),
        has_search_(file.search.has_value()),
        stops_trials_(file.stop_when.has_value()),
        knows_sweep_(can_read(file)) {
    for (const CellStatus status : {CellStatus::not_needed, CellStatus::excluded}) {
      model::BlockResult blank(1, std::ssize(file.metrics), file.evaluations);
      blank.status.front() = status;
      blank_sums_[status == CellStatus::excluded ? 1 : 0] = model::checksums(blank).front();
    }
  }

  /// Returns what is wrong with a cell, or nullopt if nothing is wrong. `sum` is the checksum computed from
  /// the cell's content, and `stored` is the checksum that the file holds for the cell.
  std::optional<Misfit> find(const model::Block& cell, CellStatus status, std::uint64_t sum,
                             std::uint64_t stored) const {
    using enum CellStatus;
    if (!knows_sweep_) return std::nullopt;
    const bool is_blank = stored == 0 && sum == blank_sums_[status == excluded ? 1 : 0];
    if (grid_.is_excluded(cell.point, cell.first)) {
      if (status == excluded && is_blank) return std::nullopt;
      return Misfit{cell, excluded,
                    status == excluded ? "excluded by the sweep, but with results"
                                       : "excluded by the sweep, but not marked as excluded"};
    }
    if (status == excluded) return Misfit{cell, pending, "marked as excluded, but not excluded by the sweep"};
    if (status == stopped && !stops_trials_)
      return Misfit{cell, pending, "marked as stopped, but the sweep has no [stop_when]"};
    if (status != not_needed || (has_search_ && is_blank)) return std::nullopt;
    return Misfit{cell, pending,
                  has_search_ ? "marked as not needed, but with results"
                              : "marked as not needed, but the sweep has no [search]"};
  }

  /// Whether the states of the file can be compared with [stop_when].
  bool judges_stops() const { return stops_trials_ && knows_sweep_; }

 private:
  /// Whether this version can read what the file's sweep excludes and stops.
  static bool can_read(const FileDescription& file) {
    try {
      (void)model::read_excluded(file.sweep, file.grid);
      (void)model::read_excluded_trials(file.sweep, file.grid);
      (void)model::read_stop_when(file.sweep);
      return true;
    } catch (const core::InputError&) {
      return false;
    }
  }

  const model::Grid& grid_;
  bool has_search_;
  bool stops_trials_;
  bool knows_sweep_;
  /// Checksums of cells without results in the states not_needed and excluded.
  std::array<std::uint64_t, 2> blank_sums_{};
};

}  // namespace

Survey survey(const ResultsReader& file) {
  const model::Grid& grid = file.description().grid;
  const std::int64_t all_seeds = std::ssize(grid.seeds);
  const std::int64_t per_seed = grid.trials_per_seed();
  const std::int64_t slab = seeds_per_slab(file.description());
  const MisfitCheck misfits(file.description());
  Survey found{model::CellSet(grid), {}, {}};
  std::optional<StopCheck> stops;
  if (misfits.judges_stops()) stops.emplace(file.description());
  for (core::PointIndex point; point.value < grid.axes_points(); ++point) {
    for (std::int64_t first = 0; first < all_seeds; first += slab) {
      const StoredCells cells = file.read_cells(point, first, std::min(slab, all_seeds - first));
      const std::vector<std::uint64_t> sums = model::checksums(cells.result);
      std::vector<bool> is_sound(sums.size());
      for (std::int64_t i = 0; i < std::ssize(sums); ++i) {
        const model::Block cell{
            .point = point, .seed = first + i / per_seed, .first = i % per_seed, .trials = 1};
        const CellStatus status = cells.result.status[i];
        const auto misfit = misfits.find(cell, status, sums[i], cells.checksums[i]);
        if (misfit) found.misfits.push_back(*misfit);
        if (grid.is_excluded(point, cell.first)) continue;
        is_sound[i] = sums[i] == cells.checksums[i];
        const bool unfinished = misfit || !model::has_run(status) || status == CellStatus::failed;
        const bool damaged = !unfinished && !is_sound[i];
        if (unfinished || damaged) found.to_run.add(cell, 0);
        if (damaged) found.damaged.push_back(cell);
      }
      if (stops && !grid.is_excluded(point))
        stops->judge(point, first, file.steps(point), cells.result, is_sound, found);
    }
  }
  if (stops) found.stops = stops->take_table();
  return found;
}

}  // namespace rhosweep::store
