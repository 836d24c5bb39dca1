#include "status_report.hpp"

#include "rhosweep/analysis/analysis.hpp"
#include "rhosweep/core/text.hpp"
#include "rhosweep/study/provenance.hpp"

#include <cmath>
#include <cstddef>
#include <variant>

#include <nlohmann/json.hpp>

namespace rhosweep::app {

using model::CellStatus;
using Json = nlohmann::ordered_json;

namespace {

std::vector<StatusReport::Failure> read_reasons(const store::ResultsReader& file) {
  const model::Grid& grid = file.description().grid;
  const std::int64_t per_seed = grid.trials_per_seed();
  std::vector<StatusReport::Failure> failures;
  for (core::PointIndex point; point.value < grid.axes_points(); ++point) {
    const auto status = file.read_status(point);
    const auto messages = file.read_failures(point);
    for (std::int64_t i = 0; i < std::ssize(status); ++i)
      if (status[i] == CellStatus::failed)
        failures.push_back(
            {.cell = {.point = point, .seed = i / per_seed, .first = i % per_seed, .trials = 1},
             .reason = messages[i / per_seed]});
  }
  return failures;
}

/// Returns a text of the file as JSON. Texts of a file may be invalid UTF-8, but JSON must be valid.
Json text(const std::string& of_file) {
  return core::printable(of_file);
}

Json axes_of(const model::Grid& grid) {
  Json list = Json::array();
  for (const model::Axis& axis : grid.axes)
    list.push_back({{"key", text(axis.name())}, {"values", axis.size()}});
  return list;
}

Json axis_value(const model::AxisValue& value) {
  if (const auto* const of_file = std::get_if<std::string>(&value)) return text(*of_file);
  return std::visit([](const auto& held) { return Json(held); }, value);
}

Json failure(const StatusReport::Failure& failed, const model::Grid& grid) {
  const std::int64_t rhos = std::ssize(grid.rhos);
  Json axes = Json::object();
  for (const auto& [key, value] : analysis::axes_at(grid, failed.cell.point))
    axes[core::printable(key)] = axis_value(value);
  return {{"axes", axes},
          {"seed", grid.seeds[failed.cell.seed]},
          {"schedule", text(grid.schedules[failed.cell.first / rhos].spec())},
          {"rho", grid.rhos[failed.cell.first % rhos]},
          {"reason", text(failed.reason)}};
}

}  // namespace

StatusReport::StatusReport(const store::ResultsReader& file)
    : cells(file.description().grid.cells()), seconds(file.total_seconds()) {
  const auto counts = file.count_status();
  done = counts[CellStatus::done];
  diverged = counts[CellStatus::diverged];
  failed = counts[CellStatus::failed];
  pending = counts[CellStatus::pending];
  not_needed = counts[CellStatus::not_needed];
  stopped = counts[CellStatus::stopped];
  excluded = counts[CellStatus::excluded];
  finished = done + diverged + stopped;
  for (const auto& [name, value] : file.provenance()) {
    if (name == study::shard_attribute) shard = value;
    if (name == study::shard_cells_attribute) shard_cells = value;
    if (!value.empty()) provenance.emplace_back(name, value);
  }
  const std::vector<std::string> names = file.sources();
  const std::vector<std::int64_t> copied = file.count_sources();
  for (std::size_t i = 0; i < names.size(); ++i) sources.emplace_back(names[i], copied[i + 1]);
  if (failed > 0) failures = read_reasons(file);
}

std::string to_json(const StatusReport& report, const store::ResultsReader& file) {
  const model::Grid& grid = file.description().grid;
  Json shard = nullptr;
  if (!report.shard.empty())
    shard = {
        {"part", text(report.shard)},
        {"cells", report.shard_cells.empty() ? Json(nullptr)
                                             : Json(core::parse_integer(report.shard_cells).value_or(0))}};
  Json provenance = Json::object();
  for (const auto& [name, value] : report.provenance) provenance[core::printable(name)] = text(value);
  Json sources = Json::array();
  for (const auto& [name, cells] : report.sources)
    sources.push_back({{"source", text(name)}, {"cells", cells}});
  Json failures = Json::array();
  for (const StatusReport::Failure& failed : report.failures) failures.push_back(failure(failed, grid));
  const Json all{{"format", 1},
                 {"file", text(file.path().string())},
                 {"title", text(file.description().title)},
                 {"sweep_hash", text(file.description().sweep_hash)},
                 {"cells", report.cells},
                 {"finished", report.finished},
                 {"done", report.done},
                 {"diverged", report.diverged},
                 {"failed", report.failed},
                 {"pending", report.pending},
                 {"not_needed", report.not_needed},
                 {"stopped", report.stopped},
                 {"excluded", report.excluded},
                 {"shard", shard},
                 {"grid",
                  {{"axes", axes_of(grid)},
                   {"seeds", grid.seeds.size()},
                   {"schedules", grid.schedules.size()},
                   {"rhos", grid.rhos.size()}}},
                 {"seconds", std::isfinite(report.seconds) ? Json(report.seconds) : Json(nullptr)},
                 {"provenance", provenance},
                 {"sources", sources},
                 {"failures", failures}};
  return all.dump(2) + "\n";
}

}  // namespace rhosweep::app
