#include "rhosweep/study/recompute.hpp"

#include <algorithm>
#include <map>
#include <random>
#include <utility>
#include <vector>

namespace rhosweep::study {

using core::PointIndex;

namespace {

/// The sampled trials of each pair (axes point, index of the seed).
using Sample = std::map<std::pair<std::int64_t, std::int64_t>, std::vector<std::int64_t>>;

/// Calls visit(cell) for every cell of the grid that the sweep does not leave out, as a block of one trial.
template <class Visit>
void for_each_cell(const model::Grid& grid, Visit&& visit) {
  for (PointIndex point; point.value < grid.axes_points(); ++point)
    for (std::int64_t seed = 0; !grid.is_excluded(point) && seed < std::ssize(grid.seeds); ++seed)
      for (std::int64_t trial = 0; trial < grid.trials_per_seed(); ++trial)
        if (!grid.is_excluded_trial(trial))
          visit(model::Block{.point = point, .seed = seed, .first = trial, .trials = 1});
}

/// Returns a uniform random sample of `trials` cells that are not left out, or all of them if there are
/// fewer.
Sample draw(const model::Grid& grid, const model::CellSet& left_out, std::int64_t trials) {
  std::int64_t left = grid.included_cells() - left_out.size();
  std::int64_t wanted = std::min(trials, left);
  std::mt19937_64 random(std::random_device{}());
  Sample sample;
  for_each_cell(grid, [&](const model::Block& cell) {
    if (wanted == 0 || left_out.contains(cell, 0)) return;
    if (std::uniform_int_distribution<std::int64_t>(0, --left)(random) >= wanted) return;
    --wanted;
    sample[{cell.point.value, cell.seed}].push_back(cell.first);
  });
  return sample;
}

/// Runs the given trials of one seed again. Returns the trials whose results differ from the file in at least
/// one bit.
std::vector<model::Block> recompute(const Study& study, const store::ResultsReader& file, PointIndex point,
                                    std::int64_t seed, const std::vector<std::int64_t>& trials,
                                    const model::StopTable* stops) {
  const auto result = study.run(point, seed, trials, stops, [] { return true; });
  const store::StoredCells stored = file.read_cells(point, seed, 1);
  std::vector<model::Block> differing;
  for (std::int64_t i = 0; i < std::ssize(trials); ++i)
    if (!model::same_bits(result->part(i, 1), stored.result.part(trials[i], 1)))
      differing.push_back({.point = point, .seed = seed, .first = trials[i], .trials = 1});
  return differing;
}

}  // namespace

Recomputed recompute_sample(const Study& study, const store::ResultsReader& file,
                            const model::CellSet& unfinished, std::int64_t cells,
                            const model::StopTable* stops) {
  study.require_runnable(file.path());
  Recomputed recomputed;
  model::CellSet left_out = unfinished;
  if (stops != nullptr)  // where first trials are missing, it is unknown which of the others are stopped
    for_each_cell(study.grid(), [&](const model::Block& cell) {
      if (!stops->rule().is_first(cell.first) && !stops->knows(cell.point, cell.seed, cell.first))
        left_out.add(cell, 0);
    });
  for (const auto& [place, sample] : draw(study.grid(), left_out, cells)) {
    const auto found = recompute(study, file, PointIndex{place.first}, place.second, sample, stops);
    recomputed.differing.insert(recomputed.differing.end(), found.begin(), found.end());
    recomputed.cells += std::ssize(sample);
  }
  return recomputed;
}

}  // namespace rhosweep::study
