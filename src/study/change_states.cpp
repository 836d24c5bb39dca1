#include "rhosweep/study/change_states.hpp"

#include <vector>

namespace rhosweep::study {

model::CellSet cells_in_state(const store::ResultsReader& file, model::CellStatus state) {
  const model::Grid& grid = file.description().grid;
  model::CellSet cells(grid);
  for (core::PointIndex point; point.value < grid.axes_points(); ++point) {
    const std::vector<model::CellStatus> status = file.read_status(point);
    const std::int64_t per_seed = grid.trials_per_seed();
    for (std::int64_t i = 0; i < std::ssize(status); ++i)
      if (status[i] == state)
        cells.add({.point = point, .seed = i / per_seed, .first = i % per_seed, .trials = 1}, 0);
  }
  return cells;
}

void change_states(store::ResultsFile& file, const model::Grid& grid, const model::CellSet& cells,
                   model::CellStatus from, model::CellStatus to) {
  model::CellSet found(grid);
  for (core::PointIndex point; point.value < grid.axes_points(); ++point) {
    for (std::int64_t seed = 0; seed < std::ssize(grid.seeds); ++seed) {
      const model::Block all{.point = point, .seed = seed, .first = 0, .trials = grid.trials_per_seed()};
      const std::vector<model::CellStatus> states = file.read_states(all).status;
      for (std::int64_t i = 0; i < all.trials; ++i)
        if (states[i] == from && cells.contains(all, i)) found.add(all, i);
      for (const model::Block& part : found.parts(all)) file.write_status(part, to);
    }
  }
}

}  // namespace rhosweep::study
