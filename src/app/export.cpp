#include "commands.hpp"
#include "output_file.hpp"

#include "rhosweep/analysis/analysis.hpp"
#include "rhosweep/core/text.hpp"
#include "rhosweep/store/results_reader.hpp"
#include "rhosweep/study/resume.hpp"

#include <algorithm>
#include <cstdio>
#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include <fmt/format.h>

namespace rhosweep::app {

namespace {

/// Largest number of cells to read at once.
constexpr std::int64_t most_cells = std::int64_t{1} << 14;

std::string header(const store::FileDescription& file) {
  std::vector<std::string> names;
  for (const model::Axis& axis : file.grid.axes)
    model::for_each_coordinate(
        axis, [&](const std::string& key, const model::AxisValues&) { names.push_back(key); });
  for (const char* const name : {"seed", "schedule", "rho", "stepsize", "status", "diverged_step"})
    names.emplace_back(name);
  for (const model::Metric& metric : file.metrics) names.push_back("final_" + metric.name);
  return core::csv_line(names);
}

/// Returns the rows of some seeds at an axes point.
std::string rows(const store::ResultsReader& reader, core::PointIndex point, std::int64_t first_seed,
                 std::int64_t seeds) {
  const store::FileDescription& file = reader.description();
  const model::BlockResult cells = reader.read_cells(point, first_seed, seeds).result;
  const auto stepsizes = reader.stepsizes(point);
  const std::int64_t rhos = std::ssize(file.grid.rhos);
  const std::int64_t trials = std::ssize(stepsizes);
  std::vector<std::string> axes;
  for (const auto& axis : analysis::axes_at(file.grid, point)) axes.push_back(model::text_of(axis.second));
  std::string text;
  for (std::int64_t i = 0; i < cells.trials(); ++i) {
    const std::int64_t trial = i % trials;
    std::vector<std::string> fields = axes;
    fields.push_back(fmt::format("{}", file.grid.seeds[first_seed + i / trials]));
    fields.push_back(file.grid.schedules[trial / rhos].spec());
    fields.push_back(core::csv_number(file.grid.rhos[trial % rhos]));
    fields.push_back(core::csv_number(stepsizes[trial]));
    fields.emplace_back(model::name_of(cells.status[i]));
    fields.push_back(cells.diverged_step[i] < 0 ? "" : fmt::format("{}", cells.diverged_step[i]));
    for (std::int64_t m = 0; m < cells.metrics(); ++m)
      fields.push_back(core::csv_number(cells.final[m * cells.trials() + i]));
    text += core::csv_line(fields);
  }
  return text;
}

void write_cells(const store::ResultsReader& reader, const std::function<void(const std::string&)>& write) {
  const model::Grid& grid = reader.description().grid;
  write(header(reader.description()));
  const std::int64_t seeds = std::ssize(grid.seeds);
  const std::int64_t at_once = std::max<std::int64_t>(1, most_cells / grid.trials_per_seed());
  for (core::PointIndex point; point.value < grid.axes_points(); ++point)
    for (std::int64_t first = 0; first < seeds; first += at_once)
      write(rows(reader, point, first, std::min(at_once, seeds - first)));
}

}  // namespace

core::ExitCode export_cells(const std::filesystem::path& file, const std::filesystem::path& output) {
  require_no_results(output);
  const store::ResultsReader reader = study::open_results(file);
  if (output.empty())
    write_cells(reader, [](const std::string& text) { fmt::print("{}", text); });
  else
    write_output(output, [&](std::ostream& into) {
      write_cells(reader, [&](const std::string& text) { into << text; });
    });
  return core::ExitCode::success;
}

}  // namespace rhosweep::app
