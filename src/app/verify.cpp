#include "commands.hpp"

#include "rhosweep/core/log.hpp"
#include "rhosweep/store/survey.hpp"
#include "rhosweep/study/cell_label.hpp"
#include "rhosweep/study/resume.hpp"
#include "rhosweep/study/trial_runner.hpp"

#include <algorithm>
#include <cstdio>
#include <map>
#include <optional>
#include <random>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace rhosweep::app {

using core::PointIndex;

namespace {

constexpr std::size_t most_shown = 20;

/// Finished cells by what they share: axes point and index of the seed; each by its trial.
using Sample = std::map<std::pair<std::int64_t, std::int64_t>, std::vector<std::int64_t>>;

/// Calls visit(cell) for every cell of the grid, each a block of one trial.
template <class Visit>
void for_each_cell(const model::Grid& grid, Visit&& visit) {
  for (PointIndex point; point.value < grid.points(); ++point)
    for (std::int64_t seed = 0; seed < std::ssize(grid.seeds); ++seed)
      for (std::int64_t trial = 0; trial < grid.trials_per_stream(); ++trial)
        visit(model::Block{.point = point, .seed = seed, .first = trial, .trials = 1});
}

/// So many of the finished cells, every choice of them as likely, another one each time; all if fewer.
Sample draw(const model::Grid& grid, const model::CellSet& unfinished, std::int64_t trials) {
  std::int64_t left = grid.cells() - unfinished.size();
  std::int64_t wanted = std::min(trials, left);
  std::mt19937_64 random(std::random_device{}());
  Sample sample;
  for_each_cell(grid, [&](const model::Block& cell) {
    if (wanted == 0 || unfinished.contains(cell, 0)) return;
    if (std::uniform_int_distribution<std::int64_t>(0, --left)(random) >= wanted) return;
    --wanted;
    sample[{cell.point.value, cell.seed}].push_back(cell.first);
  });
  return sample;
}

/// Runs some trials of one seed again; returns those whose results are not those of the file, bit by bit.
std::vector<model::Block> recompute(study::TrialRunner& runner, const store::ResultsReader& file,
                                    PointIndex point, std::int64_t seed,
                                    const std::vector<std::int64_t>& trials) {
  const auto result = runner.run(point, seed, trials, [] { return true; });
  const store::StoredCells stored = file.read_cells(point, seed, 1);
  std::vector<model::Block> differing;
  for (std::int64_t i = 0; i < std::ssize(trials); ++i)
    if (!model::same_bits(result->part(i, 1), stored.result.part(trials[i], 1)))
      differing.push_back({.point = point, .seed = seed, .first = trials[i], .trials = 1});
  return differing;
}

void report(const model::Grid& grid, const std::vector<model::Block>& cells, const char* complaint) {
  for (std::size_t i = 0; i < std::min(cells.size(), most_shown); ++i)
    fmt::print("  {}: {}\n", complaint, study::cell_label(grid, cells[i]));
  if (cells.size() > most_shown) fmt::print("  … and {} more\n", cells.size() - most_shown);
}

}  // namespace

core::ExitCode verify(const std::filesystem::path& path, std::optional<std::int64_t> trials) {
  const store::ResultsReader file(path);
  const study::Study study = study::Study::prepare(file);
  study::require_same_study(file, study);
  const model::Grid& grid = study.grid();

  const store::Survey survey = store::survey(file);
  const std::int64_t finished = grid.cells() - survey.to_run.size();
  fmt::print("{}: {} finished cells are as their checksums say, {} are not\n", path.string(), finished,
             survey.torn.size());
  report(grid, survey.torn, "not as its checksum says");

  study::TrialRunner runner(study);
  std::vector<model::Block> differing;
  std::int64_t recomputed = 0;
  for (const auto& [stream, sample] : draw(grid, survey.to_run, trials.value_or(finished))) {
    const auto found = recompute(runner, file, PointIndex{stream.first}, stream.second, sample);
    differing.insert(differing.end(), found.begin(), found.end());
    recomputed += std::ssize(sample);
  }
  fmt::print("{}: {} cells recomputed, {} differ\n", path.string(), recomputed, differing.size());
  report(grid, differing, "another result when recomputed");
  if (!differing.empty() && study.command(PointIndex{0}) != nullptr)
    fmt::print("  the program has changed, or does not repeat its own results\n");
  return survey.torn.empty() && differing.empty() ? core::ExitCode::success : core::ExitCode::failure;
}

}  // namespace rhosweep::app
