#include "rhosweep/study/reuse.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/core/log.hpp"
#include "rhosweep/core/text.hpp"
#include "rhosweep/model/declared_metric.hpp"
#include "rhosweep/program/command_kind.hpp"
#include "rhosweep/store/cell_map.hpp"
#include "rhosweep/store/results_reader.hpp"
#include "rhosweep/study/cell_label.hpp"
#include "rhosweep/study/damaged_cells.hpp"
#include "rhosweep/study/kinds.hpp"
#include "rhosweep/study/resume.hpp"
#include "rhosweep/study/study.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace rhosweep::study {

namespace {

/// Returns the text that names a source of cells in /run: the hash of its sweep and the end of its path, at
/// most 160 characters.
std::string source_text(const store::ResultsReader& file) {
  constexpr std::size_t most = 100;
  std::string name = std::filesystem::absolute(file.path()).lexically_normal().string();
  if (name.size() > most) name = "..." + name.substr(name.size() - most);
  return fmt::format("sweep {}, {}", file.description().sweep_hash, name);
}

/// Returns the metrics that a file's sweep declares for a program; none for other kinds of problem.
std::vector<model::DeclaredMetric> declared_metrics(const store::FileDescription& file) {
  const auto sweep = model::Sweep::parse_stored(file.sweep, "the file's sweep", {}, catalogue());
  const auto problem = sweep.problem(core::PointIndex{0});
  return problem.kind() == program::command_name ? problem.metrics("metrics")
                                                 : std::vector<model::DeclaredMetric>();
}

/// Returns advice for a message: how to copy cells if the metrics have the same names but other directions or
/// bounds. Returns an empty text in all other cases.
std::string way_out(const store::FileDescription& from, const store::FileDescription& to) {
  const auto there = declared_metrics(from);
  const auto here = declared_metrics(to);
  const auto name = &model::DeclaredMetric::name;
  if (there == here || !std::ranges::equal(there, here, {}, name, name)) return {};
  std::vector<std::string> declarations;
  for (std::size_t i = 0; i < there.size(); ++i)
    if (there[i] != here[i]) declarations.push_back(model::to_toml(there[i]));
  return fmt::format("; to copy them, declare as in the file: {}", fmt::join(declarations, ", "));
}

/// Logs how many cells of a file are reused (`deed`, as in "5 cells copied"), or why none are. `from`
/// describes this file, and `to` describes the sweep that reuses its cells.
void log_reuse(const std::filesystem::path& file, const store::CellMap& map,
               const store::FileDescription& from, const store::FileDescription& to,
               const std::string& deed) {
  if (map.is_empty())
    core::log::warning("{}: none of its cells belongs to this sweep: {}{}", file.string(), map.first_gap(),
                       way_out(from, to));
  else
    core::log::info("{}: {}", file.string(), deed);
}

/// Stopped cells are results of their [stop_when] only. Cells that the rule of the larger grid does not stop
/// are found later, by store::survey().
store::StoppedCells stopped_cells(const store::FileDescription& from, const store::FileDescription& to) {
  return to.stop_when && from.stop_when == to.stop_when ? store::StoppedCells::copy
                                                        : store::StoppedCells::leave;
}

}  // namespace

store::FileDescription present_description(const store::ResultsReader& file) {
  store::FileDescription description = file.description();
  if (is_same_sweep(description.sweep, description.sweep)) return description;
  const auto sweep = model::Sweep::parse_stored(description.sweep, file.path(), {}, catalogue());
  // For other kinds of problem, new point keys would need the data and the minima, so the old ones stay.
  if (sweep.problem(core::PointIndex{0}).kind() != program::command_name) return description;
  store::FileDescription present = Study::prepare(file).describe_file();
  description.sweep = std::move(present.sweep);
  description.sweep_hash = std::move(present.sweep_hash);
  description.point_keys = std::move(present.point_keys);
  return description;
}

Sources::Sources(std::vector<std::filesystem::path> files) : files_(std::move(files)) {
  for (const std::filesystem::path& file : files_) require_own_coordinates(store::ResultsReader(file));
}

void Sources::count(const store::FileDescription& to, model::CellSet& wanted) const {
  for (const std::filesystem::path& file : files_) {
    const store::ResultsReader reader(file);
    const store::FileDescription from = present_description(reader);
    const store::CellMap map(from, to);
    const std::int64_t cells = store::count_matches(reader, map, wanted, stopped_cells(from, to));
    log_reuse(file, map, from, to, core::counted(cells, "cell") + " to copy");
  }
}

void Sources::copy(store::ResultsFile& to, const store::FileDescription& description, model::CellSet& wanted,
                   store::FailedCells failed) const {
  std::map<std::uint16_t, std::string> names{{0, "the file itself"}};
  const auto name_of = [&](std::uint16_t source) {
    return names.contains(source) ? names.at(source) : "a file copied earlier";
  };
  std::int64_t conflicting = 0;
  for (const std::filesystem::path& file : files_) {
    const store::ResultsReader reader(file);
    const store::FileDescription from = present_description(reader);
    const store::CellMap map(from, description);
    store::CopyCounts counts;
    if (!map.is_empty()) {
      const std::uint16_t source = to.add_source(source_text(reader));
      names[source] = file.string();
      counts = store::copy_cells(reader, map, to, source, wanted, failed, stopped_cells(from, description));
    }
    log_reuse(file, map, from, description, core::counted(counts.copied, "cell") + " copied");
    warn_of_damaged(reader, counts.damaged, "left out");
    for (const store::Conflict& conflict : counts.conflicts)
      core::log::error("{}: different results in {} and in {}", cell_label(description.grid, conflict.cell),
                       file.string(), name_of(conflict.source));
    if (const auto more = counts.conflicting - std::ssize(counts.conflicts); more > 0)
      core::log::error("… and {} of {}", core::counted(more, "more cell"), file.string());
    conflicting += counts.conflicting;
  }
  if (conflicting > 0)
    throw core::Error(fmt::format(
        "{} cell{} more than one result, and none was chosen; to find the wrong file, run rhosweep verify on each",
        conflicting, conflicting == 1 ? " has" : "s have"));
}

}  // namespace rhosweep::study
