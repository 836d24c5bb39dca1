#include "commands.hpp"
#include "status_report.hpp"

#include "rhosweep/analysis/render.hpp"
#include "rhosweep/core/print.hpp"
#include "rhosweep/core/text.hpp"
#include "rhosweep/study/cell_label.hpp"
#include "rhosweep/study/provenance.hpp"
#include "rhosweep/study/resume.hpp"

#include <cstddef>
#include <string>

#include <fmt/format.h>

namespace rhosweep::app {

namespace {

constexpr std::size_t most_failures_shown = 10;

std::string joined_extents(const model::Grid& grid) {
  std::string text;
  for (const auto& axis : grid.axes)
    text += fmt::format("{} {} x ", axis.size(), core::short_label(axis.name()));
  return text + fmt::format("{} x {} x {} rho", core::counted(std::ssize(grid.seeds), "seed"),
                            core::counted(std::ssize(grid.schedules), "schedule"), grid.rhos.size());
}

/// Prints "head: text"; if the line would be too long, the text goes on the next line. The head, which may be
/// a path, is not broken.
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

void print_failures(const StatusReport& report, const model::Grid& grid) {
  for (std::size_t i = 0; i < report.failures.size(); ++i) {
    if (i == most_failures_shown) return core::print("  …\n");
    core::print("  failed: {}: {}\n", study::cell_label(grid, report.failures[i].cell),
                report.failures[i].reason);
  }
}

void print_report(const StatusReport& report, const store::ResultsReader& file) {
  const auto& description = file.description();
  print_pair(file.path().string(), core::short_label(description.title));
  const std::int64_t cells = report.cells - report.excluded;
  print_pair(fmt::format("  {} finished ({:.1f} %)", core::part_of(report.finished, cells, "cell"),
                         100.0 * static_cast<double>(report.finished) / static_cast<double>(cells)),
             fmt::format("{} done, {} diverged, {} failed, {} pending{}{}{}", report.done, report.diverged,
                         report.failed, report.pending,
                         report.not_needed > 0 ? fmt::format(", {} not needed", report.not_needed) : "",
                         report.stopped > 0 ? fmt::format(", {} stopped", report.stopped) : "",
                         report.excluded > 0 ? fmt::format(", {} more excluded", report.excluded) : ""));
  if (report.not_needed > 0)
    core::print("  search: {}\n", analysis::search_text(cells - report.not_needed, cells));
  if (!report.shard.empty())
    core::print("  shard {}: {} of its {} cell{}\n", core::short_label(report.shard), report.finished,
                core::short_label(report.shard_cells), report.shard_cells == "1" ? "" : "s");
  core::print("  grid: {}\n", joined_extents(description.grid));
  core::print("  time of all trials, one after another: {}\n", core::to_duration_text(report.seconds));
  core::print("  sweep {}\n", core::short_label(description.sweep_hash));
  for (const auto& [name, value] : report.provenance)
    print_provenance(core::short_label(name), core::short_label(value));
  for (const auto& [source, cells] : report.sources)
    core::print_unbroken(
        fmt::format("  {} copied from {}\n", core::counted(cells, "cell"), core::short_label(source)));
  print_failures(report, description.grid);
}

}  // namespace

core::ExitCode print_status(const std::filesystem::path& path, StatusFormat format) {
  const store::ResultsReader file = study::open_results(path);
  const StatusReport report(file);
  if (format == StatusFormat::json)
    fmt::print("{}", to_json(report, file));
  else
    print_report(report, file);
  return core::ExitCode::success;
}

}  // namespace rhosweep::app
