#include "commands.hpp"

#include "rhosweep/core/print.hpp"
#include "rhosweep/store/results_reader.hpp"
#include "rhosweep/store/survey.hpp"
#include "rhosweep/study/cell_label.hpp"
#include "rhosweep/study/recompute.hpp"
#include "rhosweep/study/resume.hpp"
#include "rhosweep/study/study.hpp"

#include <algorithm>
#include <cstdio>
#include <optional>
#include <vector>

namespace rhosweep::app {

namespace {

constexpr std::size_t most_shown = 20;

void print_cells(const model::Grid& grid, const std::vector<model::Block>& cells, const char* complaint) {
  for (std::size_t i = 0; i < std::min(cells.size(), most_shown); ++i)
    core::print("  {}: {}\n", complaint, study::cell_label(grid, cells[i]));
  if (cells.size() > most_shown) core::print("  … and {} more\n", cells.size() - most_shown);
}

}  // namespace

core::ExitCode verify(const std::filesystem::path& path, std::optional<std::int64_t> trials) {
  const store::ResultsReader file(path);
  const auto study = study::Study::prepare(file);
  require_same_study(file, study);
  const model::Grid& grid = study.grid();

  const store::Survey survey = store::survey(file);
  const std::int64_t finished = grid.cells() - survey.to_run.size();
  core::print("{}: {} finished cells are as their checksums say, {} are not\n", path.string(), finished,
              survey.torn.size());
  print_cells(grid, survey.torn, "not as its checksum says");

  const auto recomputed = recompute_sample(study, file, survey.to_run, trials.value_or(finished));
  core::print("{}: {} cells recomputed, {} differ\n", path.string(), recomputed.cells,
              recomputed.differing.size());
  print_cells(grid, recomputed.differing, "another result when recomputed");
  if (!recomputed.differing.empty() && !study.runner(core::PointIndex{0}).repeats_itself())
    core::print("  the program has changed, or does not repeat its own results\n");
  const bool is_sound = survey.torn.empty() && recomputed.differing.empty();
  return is_sound ? core::ExitCode::success : core::ExitCode::failure;
}

}  // namespace rhosweep::app
