#include "rhosweep/study/end_file.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/store/results_reader.hpp"

#include <vector>

#include <fmt/format.h>

namespace rhosweep::study {

namespace {

/// Number of cells of the set that are done, diverged or stopped in the file.
std::int64_t count_finished(const store::ResultsReader& file, const model::CellSet& cells) {
  using enum model::CellStatus;
  const model::Grid& grid = file.description().grid;
  std::int64_t count = 0;
  for (core::PointIndex point{0}; point.value < grid.axes_points(); ++point.value) {
    const std::vector<model::CellStatus> states = file.read_status(point);
    auto state = states.begin();
    for (std::int64_t seed = 0; seed < std::ssize(grid.seeds); ++seed) {
      const model::Block block{.point = point, .seed = seed, .first = 0, .trials = grid.trials_per_seed()};
      for (std::int64_t i = 0; i < block.trials; ++i, ++state)
        if ((*state == done || *state == diverged || *state == stopped) && cells.contains(block, i)) ++count;
    }
  }
  return count;
}

}  // namespace

void end_file(store::ResultsFile file, const std::filesystem::path& path, const model::CellSet& ran,
              std::int64_t finished, const mpi::World& world) {
  world.on_root([&] { file.require_in_place(); });
  file.close();
  world.on_root([&] {
    std::int64_t found = 0;
    try {
      found = count_finished(store::ResultsReader(path), ran);
    } catch (const core::Error& error) {
      throw core::Error(fmt::format("{}; it was changed while the run wrote it", core::message_of(error)));
    }
    if (found < finished)
      throw core::FileError(
          path.string(),
          fmt::format("this file was changed while the run wrote it: {} of {} results are left", found,
                      finished));
  });
}

}  // namespace rhosweep::study
