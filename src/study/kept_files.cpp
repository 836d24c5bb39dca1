#include "rhosweep/study/kept_files.hpp"

#include "rhosweep/core/log.hpp"
#include "rhosweep/core/text.hpp"
#include "rhosweep/program/command_kind.hpp"
#include "rhosweep/store/results_reader.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include <fmt/format.h>

namespace rhosweep::study {

namespace {

namespace fs = std::filesystem;

/// Returns whether there is a folder of this name. A link to a folder does not count: files behind it are not
/// rhosweep's.
bool is_folder(const fs::path& path) {
  std::error_code none;
  return fs::is_directory(fs::symlink_status(path, none));
}

/// Returns the folder of a trial's files, or an empty path if the trial has no folder.
/// @param all the folder of all trials
fs::path kept_of(const fs::path& all, const model::Trial& trial) {
  const fs::path folder = all / fmt::format("{}", trial.number);
  return is_folder(all) && is_folder(folder) ? folder : fs::path();
}

/// Removes the files and folders with these names, and then the folder itself if nothing else is in it.
void remove(const fs::path& folder, const std::vector<std::string>& names) {
  if (folder.empty()) return;
  std::error_code ignored;
  for (const std::string& name : names) fs::remove_all(folder / name, ignored);
  fs::remove(folder, ignored);
}

/// Removes the kept files of all trials of one schedule except the best trial.
void keep_best(const Study& study, const model::ProblemSettings& settings, const store::ResultsReader& file,
               const fs::path& all, core::PointIndex point, std::int64_t schedule) {
  const model::Grid& grid = study.grid();
  const std::string& name = settings.text("keep_best");
  const auto& metrics = settings.metrics("metrics");
  const bool is_gain = std::ranges::find(metrics, name, &model::DeclaredMetric::name)->at_most.has_value();
  const store::SeedRange seeds{.first = 0, .count = std::ssize(grid.seeds)};
  const auto states = file.read_status(point, schedule, seeds);
  const auto values = file.read_final(name, point, schedule, seeds);
  const std::int64_t rhos = std::ssize(grid.rhos);
  std::optional<model::Trial> best;
  double best_value = 0.0;
  for (std::size_t i = 0; i < states.size(); ++i) {
    if (states[i] != model::CellStatus::done) continue;
    const auto cell = static_cast<std::int64_t>(i);
    const model::Trial trial = study.trial(point, cell / rhos, schedule * rhos + cell % rhos);
    const double value = is_gain ? -values[i] : values[i];
    if (std::isnan(value) || (best && best_value <= value)) {
      remove(kept_of(all, trial), settings.texts("keep"));
      continue;
    }
    if (best) remove(kept_of(all, *best), settings.texts("keep"));
    best = trial;
    best_value = value;
  }
  if (best && kept_of(all, *best).empty())
    core::log::warning("schedule {}: the files of its best trial, number {}, are not in {}",
                       grid.schedules[schedule].name(), best->number, core::one_line(all.string()));
}

/// Returns the settings of the programs. The keys keep and keep_best and the metrics cannot be axes, so they
/// are the same at every point.
model::ProblemSettings settings_of(const Study& study) {
  return study.sweep().problem(study.grid().first_point());
}

}  // namespace

void keep_done(const Study& study, const fs::path& results) {
  const model::ProblemSettings settings = settings_of(study);
  if (!settings.has("keep")) return;
  const fs::path all = program::folder_beside(results, program::kept_extension);
  if (!is_folder(all)) return;
  const store::ResultsReader file(results);
  const std::int64_t per_seed = study.grid().trials_per_seed();
  for (core::PointIndex point; point.value < study.grid().axes_points(); ++point) {
    const std::vector<model::CellStatus> states = file.read_status(point);
    for (std::int64_t i = 0; i < std::ssize(states); ++i)
      if (model::has_run(states[i]) && states[i] != model::CellStatus::done)
        remove(kept_of(all, study.trial(point, i / per_seed, i % per_seed)), settings.texts("keep"));
  }
}

void keep_best(const Study& study, const fs::path& results) {
  const model::ProblemSettings settings = settings_of(study);
  if (!settings.has("keep_best")) return;
  const fs::path all = program::folder_beside(results, program::kept_extension);
  const store::ResultsReader file(results);
  for (core::PointIndex point; point.value < study.grid().axes_points(); ++point)
    for (std::int64_t schedule = 0; schedule < std::ssize(study.grid().schedules); ++schedule)
      keep_best(study, settings, file, all, point, schedule);
}

}  // namespace rhosweep::study
