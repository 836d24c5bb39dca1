#include "commands.hpp"

#include "rhosweep/core/print.hpp"
#include "rhosweep/core/text.hpp"
#include "rhosweep/store/results_reader.hpp"
#include "rhosweep/study/cell_label.hpp"
#include "rhosweep/study/provenance.hpp"

#include <cstdio>
#include <string>
#include <variant>
#include <vector>

#include <fmt/format.h>

namespace rhosweep::app {

using model::CellStatus;

namespace {

constexpr int most_failures_shown = 10;
constexpr std::size_t most_characters = 200;

std::string joined_extents(const model::Grid& grid) {
  std::string text;
  for (const auto& axis : grid.axes) text += fmt::format("{} {} x ", axis.size(), axis.key);
  return text + fmt::format("{} seeds x {} schedules x {} rho", grid.seeds.size(), grid.schedules.size(),
                            grid.rhos.size());
}

/// Prints "head: text"; if that does not fit on a line, the text goes on the next one. The head, which may be
/// a path, stays whole.
void print_pair(const std::string& head, const std::string& text) {
  const std::string line = fmt::format("{}: {}\n", head, text);
  if (core::columns(line) <= core::most_columns + 1) return core::print_unbroken(line);
  core::print_unbroken(head + ":\n");
  core::print("    {}\n", text);
}

void print_provenance(const std::string& name, const std::string& value) {
  const std::string line = fmt::format("  {}: {}\n", name, value);
  const bool is_copied = name == "command_line" || name == study::sweep_folder_attribute ||
                         name == study::run_overrides_attribute;
  is_copied ? core::print_unbroken(line) : core::print_text(line);
}

/// If the file was made for a shard, prints which one and how many of its cells are finished.
void print_shard(const store::ResultsReader& file, std::int64_t finished) {
  std::string shard;
  std::string cells;
  for (const auto& [name, text] : file.provenance()) {
    if (name == study::shard_attribute) shard = text;
    if (name == study::shard_cells_attribute) cells = text;
  }
  if (!shard.empty()) core::print("  shard {}: {} of its {} cells\n", shard, finished, cells);
}

/// Prints the files that cells were copied from.
void print_sources(const store::ResultsReader& file) {
  const std::vector<std::string> sources = file.sources();
  const std::vector<std::int64_t> counts = file.count_sources();
  for (std::size_t i = 0; i < sources.size(); ++i)
    core::print_unbroken(fmt::format("  {} cells copied from {}\n", counts[i + 1],
                                     core::one_line(sources[i], most_characters)));
}

void print_failures(const store::ResultsReader& file) {
  const model::Grid& grid = file.description().grid;
  const std::int64_t per_seed = grid.trials_per_seed();
  int shown = 0;
  for (core::PointIndex point; point.value < grid.axes_points(); ++point) {
    const auto status = file.read_status(point);
    const auto messages = file.read_failures(point);
    for (std::int64_t i = 0; i < std::ssize(status); ++i) {
      if (status[i] != CellStatus::failed) continue;
      if (++shown > most_failures_shown) {
        core::print("  …\n");
        return;
      }
      const model::Block cell{.point = point, .seed = i / per_seed, .first = i % per_seed, .trials = 1};
      core::print("  failed: {}: {}\n", study::cell_label(grid, cell), messages[cell.seed]);
    }
  }
}

}  // namespace

core::ExitCode print_status(const std::filesystem::path& path) {
  const store::ResultsReader file(path);
  const auto& description = file.description();
  const auto counts = file.count_status();
  const auto count = [&](CellStatus status) { return counts[static_cast<std::size_t>(status)]; };
  const std::int64_t cells = description.grid.cells();
  const std::int64_t finished = count(CellStatus::done) + count(CellStatus::diverged);

  print_pair(path.string(), core::one_line(description.title));
  print_pair(fmt::format("  {} of {} cells finished ({:.1f} %)", finished, cells,
                         100.0 * static_cast<double>(finished) / static_cast<double>(cells)),
             fmt::format("{} done, {} diverged, {} failed, {} pending", count(CellStatus::done),
                         count(CellStatus::diverged), count(CellStatus::failed), count(CellStatus::pending)));
  print_shard(file, finished);
  core::print("  grid: {}\n", joined_extents(description.grid));
  core::print("  time of all trials, one after another: {}\n", core::to_duration_text(file.total_seconds()));
  core::print("  sweep {}\n", description.sweep_hash);
  for (const auto& [name, value] : file.provenance()) {
    if (!value.empty()) print_provenance(name, core::one_line(value, most_characters));
  }
  print_sources(file);
  if (count(CellStatus::failed) > 0) print_failures(file);
  return core::ExitCode::success;
}

}  // namespace rhosweep::app
