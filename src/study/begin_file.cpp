#include "rhosweep/study/begin_file.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/core/hash.hpp"
#include "rhosweep/core/text.hpp"
#include "rhosweep/program/command_kind.hpp"
#include "rhosweep/store/communicator.hpp"
#include "rhosweep/store/copy_cells.hpp"
#include "rhosweep/store/results_reader.hpp"
#include "rhosweep/study/blocks.hpp"
#include "rhosweep/study/provenance.hpp"
#include "rhosweep/study/resume.hpp"
#include "rhosweep/study/reuse.hpp"

#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace rhosweep::study {

namespace {

/// Throws core::InputError if the file was made for another shard.
void require_shard(const std::filesystem::path& path, const std::optional<model::Shard>& shard) {
  if (!shard) return;
  for (const auto& [name, text] : store::ResultsReader(path).provenance())
    if (name == shard_attribute && text != shard->text())
      throw core::InputError(
          fmt::format("{}: this file was made for shard {}; allowed: --shard {}, or no --shard",
                      path.string(), text, text));
}

/// Returns the cells of the shard, or all cells without a shard.
model::CellSet requested_cells(const Study& study, const std::optional<model::Shard>& shard) {
  return shard ? shard_cells(study, *shard) : model::CellSet::all(study.grid());
}

store::Provenance provenance_of(const Study& study, const FileOptions& options, const Machines& machines,
                                const model::CellSet& requested) {
  store::Provenance run = describe_run(
      options.command_line,
      to_folder_text((std::filesystem::current_path() / study.sweep().folder()).lexically_normal()),
      study.sweep().output_toml(), machines);
  if (const auto overrides = study.sweep().run_overrides(); !overrides.empty())
    run.emplace_back(run_overrides_attribute, fmt::format("{}", fmt::join(overrides, "\n")));
  if (study.sweep().problem(study.grid().first_point()).has("keep"))
    run.emplace_back(
        "kept_folder",
        core::as_utf8(program::folder_beside(options.path, program::kept_extension).filename().string()));
  if (options.shard) {
    run.emplace_back(shard_attribute, options.shard->text());
    run.emplace_back(shard_cells_attribute, fmt::format("{}", requested.size()));
  }
  return run;
}

/// Continues an existing results file. Returns the cells that are left to run.
model::CellSet continue_file(const Study& study, const FileOptions& options, const Sources& sources) {
  require_shard(options.path, options.shard);
  model::CellSet to_run = cells_to_resume(options.path, study);
  to_run.intersect(requested_cells(study, options.shard));
  if (to_run.size() == 0 || study.sweep().search()) return to_run;  // a search copies cells in each round
  store::ResultsFile::require_writable(options.path);
  if (!sources.empty()) {
    store::ResultsFile file = store::ResultsFile::open(options.path);
    sources.copy(file, study.describe_file(), to_run, store::FailedCells::leave);
    file.close();
  }
  return to_run;
}

/// Makes a results file. Returns the cells that are left to run.
model::CellSet make_file(const Study& study, const FileOptions& options, const Sources& sources,
                         const Machines& machines) {
  const auto existing = options.overwrite ? store::Existing::overwrite : store::Existing::refuse;
  const store::FileDescription description = study.describe_file();
  model::CellSet to_run = requested_cells(study, options.shard);
  store::InitialCells initial;
  if (!sources.empty())
    initial = {.sources = sources.size(), .copy = [&](store::ResultsFile& file) {
                 sources.copy(file, description, to_run, store::FailedCells::leave);
               }};
  if (study.sweep().search()) initial.copy = nullptr;  // a search copies cells in each round
  store::ResultsFile::create(options.path, description, provenance_of(study, options, machines, to_run),
                             existing, initial);
  return to_run;
}

}  // namespace

model::CellSet begin_file(const Study& study, const FileOptions& options, const mpi::World& world) {
  const Machines machines = gather_machines(world);
  model::CellSet to_run(study.grid());
  world.on_root([&] {
    const Sources sources(options.reuse);
    to_run = options.resume && std::filesystem::exists(options.path)
                 ? continue_file(study, options, sources)
                 : make_file(study, options, sources, machines);
  });
  world.broadcast(to_run.words());
  return to_run;
}

store::ResultsFile open_file(const Study& study, const std::filesystem::path& path, const mpi::World& world) {
  store::ResultsFile file = store::ResultsFile::open(path, {world.comm()});
  if (!is_same_sweep(file.sweep(), study.sweep().to_toml()))
    throw core::FileError(path.string(),
                          "another run has just replaced this file; give each run its own results file");
  return file;
}

}  // namespace rhosweep::study
