#include "rhosweep/study/merge_files.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/core/processors.hpp"
#include "rhosweep/core/vector_unit.hpp"
#include "rhosweep/store/cell_map.hpp"
#include "rhosweep/store/results_file.hpp"
#include "rhosweep/store/results_reader.hpp"
#include "rhosweep/store/survey.hpp"
#include "rhosweep/study/change_states.hpp"
#include "rhosweep/study/damaged_cells.hpp"
#include "rhosweep/study/provenance.hpp"
#include "rhosweep/study/reuse.hpp"
#include "rhosweep/study/rounds.hpp"

#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <unistd.h>

namespace rhosweep::study {

namespace {

/// The file with the most cells, whose sweep is the sweep of the merged file.
struct Target {
  std::filesystem::path path;
  store::FileDescription description;
  store::Provenance provenance;
};

Target largest(const std::vector<std::filesystem::path>& files) {
  std::optional<Target> found;
  for (const std::filesystem::path& file : files) {
    const store::ResultsReader reader(file);
    if (!found || reader.description().grid.included_cells() > found->description.grid.included_cells())
      found = {.path = file, .description = present_description(reader), .provenance = reader.provenance()};
  }
  return std::move(*found);
}

void require_within(const std::vector<std::filesystem::path>& files, const Target& target) {
  for (const std::filesystem::path& file : files) {
    const store::ResultsReader reader(file);
    const store::FileDescription description = present_description(reader);
    const store::CellMap map(description, target.description);
    if (map.is_total()) continue;
    throw core::InputError(fmt::format(
        "{}: has cells that do not belong to the sweep of {}: {}; allowed: files of one sweep, or of "
        "parts of it (for a larger sweep: rhosweep run --reuse)",
        file.string(), target.path.string(), map.first_gap()));
  }
}

std::string host() {
  std::array<char, 256> name{};
  ::gethostname(name.data(), name.size() - 1);
  return name.data();
}

store::Provenance provenance_of(const MergeOptions& options, const Target& target) {
  const auto of_target = [&](const std::string& name) {
    for (const auto& [key, text] : target.provenance)
      if (key == name) return text;
    return std::string();
  };
  store::Provenance run =
      describe_run(options.command_line, of_target(sweep_folder_attribute), of_target("output_section"),
                   {.hosts = {host()},
                    .vector_units = {core::to_text(core::vector_unit())},
                    .processors = {core::to_list_text(core::usable_processors())}});
  if (std::string overrides = of_target(run_overrides_attribute); !overrides.empty())
    run.emplace_back(run_overrides_attribute, std::move(overrides));
  return run;
}

}  // namespace

MergedCells merge_files(const MergeOptions& options) {
  const Sources sources(options.files);
  const Target target = largest(options.files);
  require_within(options.files, target);
  const model::Grid& grid = target.description.grid;

  model::CellSet pending = model::CellSet::all(grid);
  const auto existing = options.overwrite ? store::Existing::overwrite : store::Existing::refuse;
  store::ResultsFile::create(
      options.output, target.description, provenance_of(options, target), existing,
      {.sources = sources.size(), .copy = [&](store::ResultsFile& file) {
         sources.copy(file, target.description, pending, store::FailedCells::copy);
         change_states(file, grid,
                       cells_in_state(store::ResultsReader(target.path), model::CellStatus::not_needed),
                       model::CellStatus::pending, model::CellStatus::not_needed);
       }});

  std::int64_t cleared = 0;
  if (target.description.stop_when) {
    const store::Survey found = store::survey(store::ResultsReader(options.output));
    const model::CellSet stopped = settle_misfits(options.output, grid, found.misfits, MisfitCause::copying);
    for (const store::Misfit& misfit : found.misfits)
      if (!stopped.contains(misfit.cell, 0)) pending.add(misfit.cell, 0);
    cleared = std::ssize(found.misfits) - stopped.size();
  }
  if (target.description.search &&
      !needed_cells_left_out(store::ResultsReader(options.output), pending).empty()) {
    // With the results of the other files, the search of the target takes another course and has not ended.
    store::ResultsFile file = store::ResultsFile::open(options.output);
    change_states(file, grid, model::CellSet::all(grid), model::CellStatus::not_needed,
                  model::CellStatus::pending);
    file.close();
  }
  const auto counts = store::ResultsReader(options.output).count_status();
  return {.all = grid.included_cells(),
          .finished = grid.included_cells() - pending.size(),
          .failed = counts[model::CellStatus::failed],
          .missing = counts[model::CellStatus::pending],
          .cleared = cleared};
}

}  // namespace rhosweep::study
