#include "commands.hpp"

#include "rhosweep/core/print.hpp"
#include "rhosweep/core/text.hpp"
#include "rhosweep/store/results_reader.hpp"
#include "rhosweep/store/survey.hpp"
#include "rhosweep/study/cell_label.hpp"
#include "rhosweep/study/recompute.hpp"
#include "rhosweep/study/resume.hpp"
#include "rhosweep/study/rounds.hpp"
#include "rhosweep/study/study.hpp"

#include <algorithm>
#include <cstdio>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>

namespace rhosweep::app {

namespace {

constexpr std::size_t most_shown = 20;

void print_cells(const model::Grid& grid, const std::vector<model::Block>& cells, const char* complaint) {
  for (std::size_t i = 0; i < std::min(cells.size(), most_shown); ++i)
    core::print("  {}: {}\n", complaint, study::cell_label(grid, cells[i]));
  if (cells.size() > most_shown) core::print("  … and {} more\n", cells.size() - most_shown);
}

/// Prints the cells that contradict the sweep, if there are any.
void print_misfits(const std::string& name, const model::Grid& grid,
                   const std::vector<store::Misfit>& misfits) {
  if (misfits.empty()) return;
  core::print("{}: {} not as the sweep says\n", name, core::counted_are(std::ssize(misfits), "cell"));
  for (std::size_t i = 0; i < std::min(misfits.size(), most_shown); ++i)
    core::print("  {}: {}\n", misfits[i].complaint, study::cell_label(grid, misfits[i].cell));
  if (misfits.size() > most_shown) core::print("  … and {} more\n", misfits.size() - most_shown);
}

/// Returns the programs that the trials of a study start; empty if the trials run in this process.
std::set<std::string> programs_of(const study::Study& study) {
  std::set<std::string> programs;
  for (core::PointIndex point; point.value < study.grid().axes_points(); ++point)
    if (!study.grid().is_excluded(point))
      if (const auto program = study.runner(point).program()) programs.insert(*program);
  return programs;
}

/// Prepares the study of a file. Its error messages say that no cell was recomputed.
/// @param is_sound whether no cell is damaged; if false, every error has ExitCode::failure
study::Study prepare(const store::ResultsReader& file, bool is_sound) {
  try {
    study::Study study = study::Study::prepare(file);
    require_same_study(file, study);
    return study;
  } catch (const core::Error& error) {
    throw core::Error(fmt::format("no cell was recomputed: {}", error.what()),
                      is_sound ? error.code() : core::ExitCode::failure);
  }
}

/// Recomputes a sample of the finished cells and prints the cells that differ. @return whether all agree
bool compare_sample(const std::string& name, const study::Study& study, const store::ResultsReader& file,
                    const store::Survey& survey, std::int64_t cells) {
  const auto recomputed =
      recompute_sample(study, file, survey.to_run, cells, survey.stops ? &*survey.stops : nullptr);
  core::print("{}: {} recomputed, {} differ\n", name, core::counted(recomputed.cells, "cell"),
              recomputed.differing.size());
  print_cells(study.grid(), recomputed.differing, "different result when recomputed");
  if (!recomputed.differing.empty() && !study.runner(study.grid().first_point()).repeats_itself())
    core::print("  the program has changed, or its results are not reproducible\n");
  return recomputed.differing.empty();
}

}  // namespace

core::ExitCode verify(const VerifyOptions& options) {
  const store::ResultsReader file(options.file);
  const std::string name = core::one_line(options.file.string());
  const model::Grid& grid = file.description().grid;
  store::Survey survey = store::survey(file);
  const std::int64_t finished = grid.included_cells() - survey.to_run.size();
  core::print("{}: checksums: {} OK, {} damaged\n", name, core::counted(finished, "cell"),
              survey.damaged.size());
  print_cells(grid, survey.damaged, "does not match its checksum");
  for (const store::Misfit& misfit : study::needed_cells_left_out(file, survey.to_run))
    survey.misfits.push_back(misfit);
  print_misfits(name, grid, survey.misfits);
  const bool has_sound_cells = survey.damaged.empty() && survey.misfits.empty();

  const study::Study study = prepare(file, has_sound_cells);
  const std::vector<std::string> changed = changed_parts(file, study);
  for (const std::string& part : changed) core::print("{}: {} is not that of its sweep\n", name, part);
  bool is_sound = has_sound_cells && changed.empty();
  const std::set<std::string> programs = programs_of(study);
  if (programs.empty() || options.runs_programs) {
    for (const std::string& program : programs)
      core::print_unbroken(fmt::format("{}: runs {}\n", name, program));
    std::fflush(stdout);  // the programs may print to the same file
    is_sound &= compare_sample(name, study, file, survey, options.trials.value_or(finished));
  } else {
    core::print("{}: no cell was recomputed, since the trials are programs; --run-programs starts them:\n",
                name);
    for (const std::string& program : programs) core::print_unbroken(fmt::format("  {}\n", program));
  }
  return is_sound ? core::ExitCode::success : core::ExitCode::failure;
}

}  // namespace rhosweep::app
