#include "rhosweep/store/survey.hpp"

#include "layout.hpp"

#include "rhosweep/store/results_reader.hpp"

#include <algorithm>

namespace rhosweep::store {

Survey survey(const ResultsReader& file) {
  const model::Grid& grid = file.description().grid;
  const std::int64_t all_seeds = std::ssize(grid.seeds);
  const std::int64_t per_seed = grid.trials_per_seed();
  const std::int64_t slab = seeds_per_slab(file.description());
  Survey found{model::CellSet(grid), {}};
  for (core::PointIndex point; point.value < grid.axes_points(); ++point) {
    if (grid.is_excluded(point)) continue;
    for (std::int64_t first = 0; first < all_seeds; first += slab) {
      const StoredCells cells = file.read_cells(point, first, std::min(slab, all_seeds - first));
      const std::vector<std::uint64_t> sums = model::checksums(cells.result);
      for (std::int64_t i = 0; i < std::ssize(sums); ++i) {
        const model::Block cell{
            .point = point, .seed = first + i / per_seed, .first = i % per_seed, .trials = 1};
        const model::CellStatus status = cells.result.status[i];
        const bool unfinished = !model::has_run(status) || status == model::CellStatus::failed;
        const bool damaged = !unfinished && sums[i] != cells.checksums[i];
        if (unfinished || damaged) found.to_run.add(cell, 0);
        if (damaged) found.damaged.push_back(cell);
      }
    }
  }
  return found;
}

}  // namespace rhosweep::store
