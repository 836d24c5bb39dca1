#include "commands.hpp"
#include "report.hpp"

#include "rhosweep/core/text.hpp"
#include "rhosweep/store/results_reader.hpp"

#include <cstdio>
#include <variant>

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

void print_failures(const store::ResultsReader& file) {
  const model::Grid& grid = file.description().grid;
  const std::int64_t stream = grid.trials_per_stream();
  int shown = 0;
  for (core::PointIndex point; point.value < grid.points(); ++point) {
    const auto status = file.read_status(point);
    const auto messages = file.read_failures(point);
    for (std::int64_t i = 0; i < std::ssize(status); ++i) {
      if (status[i] != CellStatus::failed) continue;
      if (++shown > most_failures_shown) {
        fmt::print("  …\n");
        return;
      }
      const model::Block cell{.point = point, .seed = i / stream, .first = i % stream, .trials = 1};
      fmt::print("  failed: {}: {}\n", cell_label(grid, cell), messages[cell.seed]);
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

  fmt::print("{}: {}\n", path.string(), description.title);
  fmt::print("  {} of {} cells finished ({:.1f} %): {} done, {} diverged, {} failed, {} pending\n", finished,
             cells, 100.0 * static_cast<double>(finished) / static_cast<double>(cells),
             count(CellStatus::done), count(CellStatus::diverged), count(CellStatus::failed),
             count(CellStatus::pending));
  fmt::print("  grid: {}\n", joined_extents(description.grid));
  fmt::print("  time of all trials, one after another: {}\n", core::to_duration_text(file.total_seconds()));
  fmt::print("  sweep {}\n", description.sweep_hash);
  for (const auto& [name, value] : file.provenance()) {
    if (!value.empty()) fmt::print("  {}: {}\n", name, core::one_line(value, most_characters));
  }
  if (count(CellStatus::failed) > 0) print_failures(file);
  return core::ExitCode::success;
}

}  // namespace rhosweep::app
