#include "rhosweep/store/results_reader.hpp"

#include "layout.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/core/input_file.hpp"
#include "rhosweep/h5/require_readable.hpp"
#include "rhosweep/model/sweep.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <sstream>
#include <utility>

namespace rhosweep::store {

using namespace h5;

namespace {

File open_serial(const std::filesystem::path& path) {
  core::open_input(path);  // throws the system's reason if the file cannot be opened; HDF5's is less clear
  require_hdf5(path);
  require_readable(path);
  File file(check(H5Fopen(path.c_str(), H5F_ACC_RDONLY, unlocked_access()), "cannot read this file"));
  require_results(file, path);
  return file;
}

/// Returns the largest possible value of a metric if larger is better; nullopt if smaller is better.
std::optional<double> read_bound(hid_t file, const std::string& name, double diverged) {
  const Dataset final = open_dataset(file, final_name(name));
  // Older versions did not write `best`. In their files, a diverged trial's value is finite only for
  // accuracies, whose largest possible value is 1.
  if (!has_attribute(final, "best")) return std::isfinite(diverged) ? std::optional(1.0) : std::nullopt;
  const std::string best = read_text_attribute(final, "best");
  if (best == "min") return std::nullopt;
  const double bound = best == "max" && has_attribute(final, "at_most")
                           ? read_attribute<double>(final, "at_most")
                           : std::nan("");
  if (!std::isfinite(bound))
    throw Hdf5Error("damaged: variable " + final_name(name) + " has no valid attributes best and at_most");
  return bound;
}

model::Metric read_metric(hid_t file, const std::string& name) {
  const Dataset curve = open_dataset(file, name);
  const auto diverged = read_attribute<double>(curve, "diverged_value");
  constexpr std::size_t longest = 4096;
  return {.name = name,
          .long_name = read_text_attribute(curve, "long_name", longest),
          .units = read_text_attribute(curve, "units", longest),
          .diverged = diverged,
          .at_most = read_bound(file, name, diverged)};
}

/// Reads lines that consist of a hash, two spaces and a name.
std::vector<std::pair<std::string, std::string>> read_data_hashes(hid_t file) {
  std::vector<std::pair<std::string, std::string>> hashes;
  if (!has_attribute(file, "data_hash")) return hashes;
  std::istringstream lines(read_text_attribute(file, "data_hash"));
  for (std::string line; std::getline(lines, line);) {
    const std::size_t gap = line.find("  ");
    if (gap == std::string::npos)
      throw Hdf5Error("damaged: a line of attribute data_hash is not a hash and a name");
    hashes.emplace_back(line.substr(gap + 2), line.substr(0, gap));
  }
  return hashes;
}

/// Returns the metrics at the initial points, shape (metrics, points, seeds); empty if the file has no
/// initial values of one of the metrics.
std::vector<double> read_initial(hid_t file, const std::vector<std::string>& metrics) {
  std::vector<double> all;
  for (const std::string& metric : metrics) {
    if (!has_variable(file, initial_name(metric))) return {};
    const auto values = read_all<double>(file, initial_name(metric));
    all.insert(all.end(), values.begin(), values.end());
  }
  return all;
}

/// Returns the optimizer settings; empty if this version does not know the optimizer, so that the rest of the
/// file can still be read.
std::vector<model::SgdSettings> read_sgd(const FileDescription& description) {
  try {
    return model::read_sgd_settings(description.sweep, description.grid);
  } catch (const core::InputError&) {
    return {};
  }
}

/// Returns the section [search]; the defaults if this version cannot parse the section.
std::optional<model::SearchSettings> read_search(const FileDescription& description) {
  try {
    return model::read_search_settings(description.sweep, description.grid);
  } catch (const core::InputError&) {
    return model::SearchSettings();
  }
}

/// Returns the section [stop_when] of the file's sweep; the default settings if this version cannot parse the
/// section.
std::optional<model::StopWhen> read_stop_when(const FileDescription& description) {
  std::optional<model::StopWhen> found;
  try {
    found = model::read_stop_when(description.sweep);
  } catch (const core::InputError&) {
    return model::StopWhen();
  }
  if (found && !found->metric.empty() &&
      std::ranges::find(description.metrics, found->metric, &model::Metric::name) ==
          description.metrics.end())
    throw Hdf5Error("damaged: no variable of the metric of [stop_when], " + found->metric);
  return found;
}

/// Returns for each axes point whether [[exclude]] excludes it; empty if it excludes none, or if this version
/// cannot parse the section.
std::vector<bool> read_excluded(const FileDescription& description) {
  try {
    return model::read_excluded(description.sweep, description.grid);
  } catch (const core::InputError&) {
    return {};
  }
}

/// Returns the trials that grid.rho_every excludes in the form of Grid::excluded_trials; empty if this
/// version cannot parse the key.
std::vector<bool> read_excluded_trials(const FileDescription& description) {
  try {
    return model::read_excluded_trials(description.sweep, description.grid);
  } catch (const core::InputError&) {
    return {};
  }
}

FileDescription read_description(hid_t file) {
  const std::vector<std::string> metrics = metric_names(file);
  FileDescription description{.title = read_text_attribute(file, "title"),
                              .sweep = read_text_attribute(file, "sweep"),
                              .sweep_hash = read_text_attribute(file, "sweep_hash"),
                              .sgd = {},
                              .search = {},
                              .stop_when = {},
                              .data_hashes = read_data_hashes(file),
                              .grid = read_grid(file),
                              .metrics = {},
                              .evaluations = std::ssize(read_all<std::int64_t>(file, "evaluation")),
                              .steps = read_all<std::int64_t>(file, "step"),
                              .stepsizes = read_all<double>(file, "stepsize"),
                              .f_star = read_all<double>(file, "f_star"),
                              .diameter = {},
                              .gradient_bound = {},
                              .initial = {},
                              .point_keys = {}};
  require_shapes(file, description.grid, description.evaluations, metrics);
  for (const std::string& name : metrics) description.metrics.push_back(read_metric(file, name));
  description.initial = read_initial(file, metrics);
  description.grid.excluded = read_excluded(description);
  description.grid.excluded_trials = read_excluded_trials(description);
  description.sgd = read_sgd(description);
  description.search = read_search(description);
  description.stop_when = read_stop_when(description);
  for (const auto& [name, values] : {std::pair("diameter", &description.diameter),
                                     std::pair("gradient_bound", &description.gradient_bound)})
    if (has_variable(file, name)) *values = read_all<double>(file, name);
  if (has_variable(file, "point_key")) description.point_keys = read_all<std::uint64_t>(file, "point_key");
  return description;
}

Provenance read_provenance(hid_t file) {
  const Group run = open_group(file, "run");
  Provenance provenance;
  std::size_t left = std::size_t{64} << 20;  // bytes that the remaining texts may have
  for (const std::string& name : attribute_names(run)) {
    provenance.emplace_back(name, read_text_attribute(run, name, left));
    left -= provenance.back().second.size();
  }
  return provenance;
}

}  // namespace

struct ResultsReader::Open {
  explicit Open(const std::filesystem::path& file_path)
      : path(file_path),
        file(open_serial(file_path)),
        description(read_description(file)),
        provenance(read_provenance(file)) {}

  /// Reads all values of a variable at an axes point.
  template <class T>
  std::vector<T> read(const std::string& variable, core::PointIndex point) const {
    return read<T>(variable, point, 0, std::ssize(description.grid.seeds));
  }

  /// Reads a variable's values of consecutive seeds at an axes point. Opens the variable for each read,
  /// because an open variable may return cached values.
  template <class T>
  std::vector<T> read(const std::string& variable, core::PointIndex point, std::int64_t first,
                      std::int64_t seeds) const {
    core::require(point.value >= 0 && point.value < description.grid.axes_points(), "an axes point exists");
    core::require(first >= 0 && seeds > 0 && first + seeds <= std::ssize(description.grid.seeds),
                  "seeds exist");
    return naming(path, [&] {
      const Dataset dataset = open_dataset(file, variable);
      const Dataspace space = space_of(dataset);
      select_seeds(space, description.grid.coordinates(point), first, seeds);
      return read_selected<T>(dataset, space);
    });
  }

  /// Reads a variable's cells of one schedule and some seeds.
  template <class T>
  std::vector<T> read(const std::string& variable, core::PointIndex point, std::int64_t schedule,
                      const SeedRange& seeds) const {
    return naming(path, [&] {
      const Dataset dataset = open_dataset(file, variable);
      const Dataspace space = space_of(dataset);
      select_slab(space, description.grid.coordinates(point), seeds, schedule);
      return read_selected<T>(dataset, space);
    });
  }

  /// Returns the states of cells at an axes point, corrected by the sweep: the sweep alone determines which
  /// cells are excluded and whether cells may be not needed or stopped.
  /// @param first index into the (schedule, ρ) plane of the first trial of each seed
  /// @param trials number of trials of each seed
  std::vector<model::CellStatus> states(core::PointIndex point, const std::vector<std::uint8_t>& values,
                                        std::int64_t first, std::int64_t trials) const {
    using enum model::CellStatus;
    std::vector<model::CellStatus> states = to_states(values);
    for (std::int64_t i = 0; i < std::ssize(states); ++i)
      if (description.grid.is_excluded(point, first + i % trials))
        states[i] = excluded;
      else if (states[i] == excluded)
        states[i] = pending;
    if (!description.search) std::ranges::replace(states, not_needed, pending);
    if (!description.stop_when) std::ranges::replace(states, stopped, pending);
    return states;
  }

  std::filesystem::path path;
  File file;
  FileDescription description;
  Provenance provenance;
};

ResultsReader::ResultsReader(const std::filesystem::path& path) {
  start_library();
  open_ = naming(path, [&] { return std::make_unique<Open>(path); });
}
ResultsReader::~ResultsReader() = default;
ResultsReader::ResultsReader(ResultsReader&&) noexcept = default;
ResultsReader& ResultsReader::operator=(ResultsReader&&) noexcept = default;

const std::filesystem::path& ResultsReader::path() const& {
  return open_->path;
}

std::filesystem::path ResultsReader::path() && {
  return std::move(open_->path);
}

const FileDescription& ResultsReader::description() const& {
  return open_->description;
}

FileDescription ResultsReader::description() && {
  return std::move(open_->description);
}

const Provenance& ResultsReader::provenance() const& {
  return open_->provenance;
}

Provenance ResultsReader::provenance() && {
  return std::move(open_->provenance);
}

std::span<const double> ResultsReader::stepsizes(core::PointIndex point) const& {
  const auto count = static_cast<std::size_t>(description().grid.trials_per_seed());
  return std::span(description().stepsizes).subspan(static_cast<std::size_t>(point.value) * count, count);
}

std::span<const std::int64_t> ResultsReader::steps(core::PointIndex point) const& {
  const model::Grid& grid = description().grid;
  const std::int64_t axis = steps_axis(grid);
  const std::int64_t row = axis < std::ssize(grid.axes) ? grid.coordinates(point)[axis] : 0;
  const auto count = static_cast<std::size_t>(description().evaluations);
  return std::span(description().steps).subspan(static_cast<std::size_t>(row) * count, count);
}

double ResultsReader::f_star(core::PointIndex point) const {
  return description().f_star[point.value];
}

std::span<const double> ResultsReader::initial(const std::string& metric, core::PointIndex point) const& {
  const auto& metrics = description().metrics;
  const auto found = std::find_if(metrics.begin(), metrics.end(),
                                  [&](const model::Metric& candidate) { return candidate.name == metric; });
  core::require(found != metrics.end(), "the file has this metric");
  if (description().initial.empty()) return {};
  const std::int64_t seeds = std::ssize(description().grid.seeds);
  const std::int64_t row = (found - metrics.begin()) * description().grid.axes_points() + point.value;
  return std::span(description().initial)
      .subspan(static_cast<std::size_t>(row * seeds), static_cast<std::size_t>(seeds));
}

model::StatusCounts ResultsReader::count_status() const {
  model::StatusCounts counts{};
  for (core::PointIndex point; point.value < description().grid.axes_points(); ++point)
    for (const model::CellStatus status : read_status(point)) ++counts[status];
  return counts;
}

std::vector<model::CellStatus> ResultsReader::read_status(core::PointIndex point) const {
  return open_->states(point, open_->read<std::uint8_t>("status", point), 0,
                       description().grid.trials_per_seed());
}

std::vector<model::CellStatus> ResultsReader::read_status(core::PointIndex point, std::int64_t schedule,
                                                          const SeedRange& seeds) const {
  const std::int64_t rhos = std::ssize(description().grid.rhos);
  return open_->states(point, open_->read<std::uint8_t>("status", point, schedule, seeds), schedule * rhos,
                       rhos);
}

std::vector<double> ResultsReader::read_final(const std::string& metric, core::PointIndex point,
                                              std::int64_t schedule, const SeedRange& seeds) const {
  return open_->read<double>(final_name(metric), point, schedule, seeds);
}

StoredCells ResultsReader::read_cells(core::PointIndex point, std::int64_t first_seed,
                                      std::int64_t seeds) const {
  StoredCells cells;
  for (const std::uint8_t value : open_->read<std::uint8_t>("status", point, first_seed, seeds))
    cells.result.status.push_back(static_cast<model::CellStatus>(value));
  cells.result.diverged_step = open_->read<std::int64_t>("diverged_step", point, first_seed, seeds);
  const auto append = [&](std::vector<double>& to, const std::string& variable) {
    const std::vector<double> values = open_->read<double>(variable, point, first_seed, seeds);
    to.insert(to.end(), values.begin(), values.end());
  };
  for (const model::Metric& metric : description().metrics) {
    append(cells.result.final, final_name(metric.name));
    append(cells.result.curve, metric.name);
  }
  cells.checksums = open_->read<std::uint64_t>("checksum", point, first_seed, seeds);
  return cells;
}

std::vector<std::string> ResultsReader::read_failures(core::PointIndex point) const {
  return split_texts(open_->read<char>("run/failure", point));
}

CellHistory ResultsReader::read_history(core::PointIndex point, std::int64_t first_seed,
                                        std::int64_t seeds) const {
  return {.seconds = open_->read<double>("run/seconds", point, first_seed, seeds),
          .ranks = open_->read<std::int32_t>("run/rank", point, first_seed, seeds),
          .attempts = open_->read<std::int32_t>("run/attempt", point, first_seed, seeds)};
}

std::vector<std::string> ResultsReader::sources() const {
  return naming(open_->path, [&] {
    std::vector<std::string> texts;
    if (!has_variable(open_->file, "run/source_file")) return texts;
    for (std::string& text : split_texts(read_all<char>(open_->file, "run/source_file")))
      if (!text.empty()) texts.push_back(core::one_line(text));
    return texts;
  });
}

std::vector<std::int64_t> ResultsReader::count_sources() const {
  std::vector<std::int64_t> counts(1 + sources().size(), 0);
  if (counts.size() == 1) return counts;
  for (core::PointIndex point; point.value < description().grid.axes_points(); ++point)
    for (const std::uint16_t source : open_->read<std::uint16_t>("run/source", point))
      if (source < counts.size()) ++counts[source];
  return counts;
}

double ResultsReader::total_seconds() const {
  double total = 0.0;
  for (core::PointIndex point; point.value < description().grid.axes_points(); ++point)
    for (const double seconds : open_->read<double>("run/seconds", point))
      if (!std::isnan(seconds)) total += seconds;
  return total;
}

}  // namespace rhosweep::store
