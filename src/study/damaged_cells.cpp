#include "rhosweep/study/damaged_cells.hpp"

#include "rhosweep/core/log.hpp"
#include "rhosweep/core/text.hpp"
#include "rhosweep/model/sweep.hpp"
#include "rhosweep/program/command_kind.hpp"
#include "rhosweep/store/results_file.hpp"
#include "rhosweep/study/cell_label.hpp"
#include "rhosweep/study/kinds.hpp"

namespace rhosweep::study {

namespace {

/// Returns whether the trials of a file are programs. A program may report the metrics of a step in several
/// lines, and is ended after the first line that stops its trial. So the file of a trial that was not stopped
/// does not say which other metrics would have been known.
bool runs_programs(const std::filesystem::path& path) {
  const store::ResultsReader file(path);
  const auto sweep = model::Sweep::parse_stored(file.description().sweep, path, {}, catalogue());
  return sweep.problem(sweep.grid().first_point()).kind() == program::command_name;
}

}  // namespace

void warn_of_damaged(const store::ResultsReader& file, std::int64_t cells, std::string_view treatment) {
  const std::string path = file.path().string();
  if (cells == 1) core::log::warning("{}: 1 cell does not match its checksum and is {}", path, treatment);
  if (cells > 1)
    core::log::warning("{}: {} cells do not match their checksums and are {}", path, cells, treatment);
}

model::CellSet settle_misfits(const std::filesystem::path& path, const model::Grid& grid,
                              const std::vector<store::Misfit>& misfits, MisfitCause cause) {
  model::CellSet stopped(grid);
  if (misfits.empty()) return stopped;
  const bool splits_reports = runs_programs(path);
  std::vector<const store::Misfit*> others;
  for (const store::Misfit& misfit : misfits)
    if (misfit.stop && (misfit.stop->has_one_metric || !splits_reports))
      stopped.add(misfit.cell, 0);
    else
      others.push_back(&misfit);
  if (stopped.size() > 0)
    core::log::info("{}: {} stopped by [stop_when]; the rest of what was known of {} is left out",
                    path.string(), core::counted_are(stopped.size(), "trial"),
                    stopped.size() == 1 ? "it" : "them");
  if (!others.empty()) {
    const std::string name = path.string();
    const std::string cells = core::counted_are(std::ssize(others), "cell");
    const char* const verb = others.size() == 1 ? "is" : "are";
    if (cause == MisfitCause::copying)
      core::log::info("{}: {} not as [stop_when] says and {} to run again", name, cells, verb);
    else
      core::log::warning("{}: {} not as the sweep says and {} cleared; the first is {}: {}", name, cells,
                         verb, cell_label(grid, others.front()->cell), others.front()->complaint);
  }
  store::ResultsFile::require_writable(path);
  store::ResultsFile file = store::ResultsFile::open(path);
  for (const store::Misfit& misfit : misfits)
    if (stopped.contains(misfit.cell, 0)) file.stop(misfit.cell, misfit.stop->evaluation);
  for (const store::Misfit* const misfit : others) file.clear(misfit->cell, misfit->proper);
  file.close();
  return stopped;
}

}  // namespace rhosweep::study
