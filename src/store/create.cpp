// Creates a results file on rank 0 alone, with HDF5's serial driver. Everything is created, allocated and
// filled here, so that the file's metadata never changes again.
#include "group_writer.hpp"
#include "layout.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/core/text.hpp"
#include "rhosweep/store/file_size.hpp"
#include "rhosweep/store/results_file.hpp"
#include "rhosweep/store/results_reader.hpp"
#include "rhosweep/store/staged_file.hpp"

#include <array>
#include <fstream>
#include <limits>
#include <numeric>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace rhosweep::store {

using namespace h5;

namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// The names of the variables in /run that store RanksUse, and their labels.
const std::vector<std::pair<const char*, Label>> use_variables{
    {use_names[0], {"wall time of the blocks of the last run", "s"}},
    {use_names[1], {"share of the ranks' time in the last run that was spent in blocks"}},
    {use_names[2], {"processor time of the blocks of the last run over their wall time"}},
    {use_names[3], {"share of the ranks' time in the last run that was spent on writing"}}};

File create_hdf5(const std::filesystem::path& path) {
  const PropertyList access = unlocked_access();
  check(H5Pset_libver_bounds(access, H5F_LIBVER_V18, H5F_LIBVER_V18), "cannot choose the HDF5 format");
  return File(check(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, group_properties(H5P_FILE_CREATE), access),
                    "cannot make the file"));
}

/// The dimensions of the grid, in one group.
struct GridDimensions {
  std::vector<Dimension> axes;
  Dimension seed;
  Dimension schedule;
  Dimension rho;

  GridDimensions(const GroupWriter& group, const model::Grid& grid)
      : axes(axes_of(group, grid)),
        seed(group.dimension("seed", grid.seeds, {"seed of the random numbers"})),
        schedule(group.dimension("schedule", specs_of(grid), {"learning-rate schedule"})),
        rho(group.dimension("rho", grid.rhos, {"misspecification: stepsize over reference stepsize"})) {}

  /// Returns the axes, followed by the other dimensions.
  Dimensions with_axes(std::initializer_list<const Dimension*> others) const {
    Dimensions all;
    for (const Dimension& axis : axes) all.push_back(&axis);
    all.insert(all.end(), others);
    return all;
  }

  Dimensions cells() const { return with_axes({&seed, &schedule, &rho}); }

 private:
  static std::vector<Dimension> axes_of(const GroupWriter& group, const model::Grid& grid) {
    std::vector<Dimension> axes;
    for (const model::Axis& axis : grid.axes) {
      std::visit(
          [&](const auto& values) { axes.push_back(group.dimension(axis.key, values, label_of(axis.key))); },
          axis.values);
      const Dimensions along{&axes.back()};
      for (const auto& [key, values] : axis.paired)
        std::visit([&, &name = key](const auto& list) { group.variable(name, along, list, label_of(name)); },
                   values);
    }
    return axes;
  }

  static Label label_of(const std::string& key) { return {key + " of the sweep file"}; }

  static std::vector<std::string> specs_of(const model::Grid& grid) {
    std::vector<std::string> specs;
    for (const model::Schedule& schedule : grid.schedules) specs.push_back(schedule.spec());
    return specs;
  }
};

void write_root_attributes(hid_t root, const FileDescription& description) {
  write_attribute(root, "Conventions", std::string("CF-1.10"));
  write_attribute(root, "title", description.title);
  write_attribute(root, format_attribute, file_format);
  write_attribute(root, "sweep", description.sweep);
  write_attribute(root, "sweep_hash", description.sweep_hash);
  std::string lines;
  for (const auto& [name, hash] : description.data_hashes) lines += fmt::format("{}  {}\n", hash, name);
  if (!lines.empty()) write_attribute(root, "data_hash", lines);
}

/// Returns the names of the paired coordinates, each preceded by a blank, for the attribute `coordinates` (CF
/// conventions).
std::string paired_names(const model::Grid& grid) {
  std::string names;
  for (const model::Axis& axis : grid.axes)
    for (const model::Coordinate& coordinate : axis.paired) names += " " + coordinate.key;
  return names;
}

/// Writes every metric at the initial point.
void write_initial(const GroupWriter& group, const GridDimensions& grid, const FileDescription& description) {
  if (description.initial.empty()) return;
  const Dimensions dimensions = grid.with_axes({&grid.seed});
  const std::ptrdiff_t size = description.grid.axes_points() * std::ssize(description.grid.seeds);
  auto values = description.initial.begin();
  for (const model::Metric& metric : description.metrics) {
    group.variable(initial_name(metric.name), dimensions, std::vector<double>(values, values + size),
                   {metric.long_name + ", at the initial point", metric.units});
    values += size;
  }
}

/// Marks the cells that the sweep leaves out as excluded.
void write_excluded(hid_t status, const model::Grid& grid) {
  const std::int64_t trials = grid.trials_per_seed();
  std::vector<std::uint8_t> states(std::ssize(grid.seeds) * trials);
  for (core::PointIndex point; point.value < grid.axes_points(); ++point) {
    if (!grid.is_excluded(point) && grid.excluded_trials.empty()) continue;
    for (std::size_t i = 0; i < states.size(); ++i)
      states[i] = static_cast<std::uint8_t>(grid.is_excluded(point, static_cast<std::int64_t>(i) % trials)
                                                ? model::CellStatus::excluded
                                                : model::CellStatus::pending);
    const Dataspace space = space_of(status);
    select_seeds(space, grid.coordinates(point), 0, std::ssize(grid.seeds));
    check(H5Dwrite(status, memory_type<std::uint8_t>(), make_space(Extents{states.size()}), space,
                   H5P_DEFAULT, states.data()),
          "cannot write the states of excluded cells");
  }
}

void write_root(hid_t root, const FileDescription& description) {
  write_root_attributes(root, description);

  const GroupWriter group(root);
  const GridDimensions grid(group, description.grid);
  std::vector<std::int64_t> indices(description.evaluations);
  std::iota(indices.begin(), indices.end(), std::int64_t{0});
  const Dimension evaluation = group.dimension("evaluation", indices, {"index of the evaluation"});

  const Dimensions cells = grid.cells();
  const Dimensions curves = grid.with_axes({&grid.seed, &grid.schedule, &grid.rho, &evaluation});
  Dimensions steps{&evaluation};
  if (const std::int64_t axis = steps_axis(description.grid); axis < std::ssize(grid.axes))
    steps.insert(steps.begin(), &grid.axes[axis]);

  group.variable("step", steps, description.steps, {"step of the evaluation"});
  group.variable("stepsize", grid.with_axes({&grid.schedule, &grid.rho}), description.stepsizes,
                 {"base stepsize: rho times the reference stepsize"});
  group.variable("f_star", grid.with_axes({}), description.f_star, {"minimum of the training objective"});
  if (!description.diameter.empty())
    group.variable("diameter", grid.with_axes({}), description.diameter,
                   {"D of the theory: diameter of the domain of a convex objective"});
  if (!description.gradient_bound.empty())
    group.variable("gradient_bound", grid.with_axes({}), description.gradient_bound,
                   {"G of the theory: root of the bound on the mean squared stochastic gradient"});
  if (!description.point_keys.empty())
    group.variable("point_key", grid.with_axes({}), description.point_keys,
                   {"hash of what all trials share: problem, data, optimiser, metrics"});
  write_initial(group, grid, description);

  const Dataset status = group.pending_variable<std::uint8_t>("status", cells, 0, {"state of the trial"});
  // The last states exist only in files of sweeps that stop or exclude trials.
  const bool excludes = !description.grid.excluded.empty() || !description.grid.excluded_trials.empty();
  const auto last = description.stop_when ? model::CellStatus::stopped
                    : excludes            ? model::CellStatus::excluded
                                          : model::CellStatus::not_needed;
  const std::size_t states = static_cast<std::size_t>(last) + 1;
  std::vector<std::uint8_t> flags(states);
  std::iota(flags.begin(), flags.end(), std::uint8_t{0});
  write_attribute<std::uint8_t>(status, "flag_values", flags);
  write_attribute(status, "flag_meanings",
                  fmt::format("{}", fmt::join(std::span(model::status_names).first(states), " ")));
  write_excluded(status, description.grid);

  const std::string labels = paired_names(description.grid);
  for (const model::Metric& metric : description.metrics) {
    const Dataset final = group.pending_variable(final_name(metric.name), cells, nan,
                                                 {metric.long_name + ", at the last step", metric.units});
    write_attribute(final, "diverged_value", metric.diverged);
    write_attribute(final, "best", std::string(metric.at_most ? "max" : "min"));
    if (metric.at_most) write_attribute(final, "at_most", *metric.at_most);
    write_attribute(final, "coordinates", "stepsize" + labels);
  }
  for (const model::Metric& metric : description.metrics) {
    const Dataset curve = group.pending_variable(metric.name, curves, nan, {metric.long_name, metric.units});
    write_attribute(curve, "diverged_value", metric.diverged);
    write_attribute(curve, "coordinates", "step" + labels);
  }
  group.pending_variable<std::int64_t>("diverged_step", cells, -1,
                                       {"step of the check that saw the divergence, -1 if none"});
  group.pending_variable<std::uint64_t>("checksum", cells, 0, {"hash of the trial's results"});
}

/// Writes the group /run, with dimensions of its own. If /run shared the dimensions of the root group, tools
/// that compare the rest of two files would compare /run, too: they follow references from a variable to its
/// scales, and from there to all variables on these scales. Cells may be copied from at most `sources` files.
void write_run(hid_t root, const FileDescription& description, const Provenance& provenance,
               std::int64_t sources) {
  const Group run(check(H5Gcreate2(root, "run", H5P_DEFAULT, group_properties(H5P_GROUP_CREATE), H5P_DEFAULT),
                        "cannot make group run"));
  for (const auto& [name, text] : provenance) write_attribute(run, name, text);

  const GroupWriter group(run);
  const GridDimensions grid(group, description.grid);
  group.pending_variable("seconds", grid.cells(), nan,
                         {"wall time of the trial: its share of its block's", "s"});
  group.pending_variable<std::int32_t>("rank", grid.cells(), -1, {"MPI rank that ran the trial, -1 if none"});
  group.pending_variable<std::int32_t>("attempt", grid.cells(), 0, {"attempt that gave the result, from 1"});
  for (const auto& [name, label] : use_variables) group.pending_variable(name, {}, nan, label);
  std::vector<std::int64_t> places(text_characters);
  std::iota(places.begin(), places.end(), std::int64_t{0});
  const Dimension character = group.dimension("character", places, {"place in the text"});
  group.pending_variable<char>("failure", grid.with_axes({&grid.seed, &character}), '\0',
                               {"why trials of the seed failed, the last time that some did", ""});
  group.pending_variable<std::uint16_t>(
      "source", grid.cells(), 0,
      {"number of the file that the trial was copied from, 0 if it ran for this one"});
  std::vector<std::int64_t> numbers(sources);
  std::iota(numbers.begin(), numbers.end(), std::int64_t{1});
  const Dimension number = group.dimension("source_number", numbers, {"number of a file"});
  group.pending_variable<char>("source_file", {&number, &character}, '\0',
                               {"file that trials were copied from", ""});
}

void require_consistent(const FileDescription& description) {
  const model::Grid& grid = description.grid;
  const std::int64_t axis = steps_axis(grid);
  const std::int64_t step_rows = axis < std::ssize(grid.axes) ? grid.axes[axis].size() : 1;
  core::require(grid.cells() > 0, "a results file has cells");
  core::require(!description.metrics.empty(), "a results file has metrics");
  core::require(description.evaluations > 0, "a results file has evaluations");
  core::require(std::ssize(description.steps) == step_rows * description.evaluations,
                "one step per evaluation");
  core::require(std::ssize(description.stepsizes) == grid.axes_points() * grid.trials_per_seed(),
                "one stepsize per axes point, schedule and rho");
  core::require(std::ssize(description.f_star) == grid.axes_points(), "one f_star per axes point");
  core::require(description.diameter.empty() || std::ssize(description.diameter) == grid.axes_points(),
                "one diameter per axes point");
  core::require(
      description.gradient_bound.empty() || std::ssize(description.gradient_bound) == grid.axes_points(),
      "one gradient bound per axes point");
  core::require(description.initial.empty() ||
                    std::ssize(description.initial) ==
                        std::ssize(description.metrics) * grid.axes_points() * std::ssize(grid.seeds),
                "one initial value per metric, axes point and seed");
  core::require(description.point_keys.empty() || std::ssize(description.point_keys) == grid.axes_points(),
                "one key per axes point");
}

/// Bytes reserved beyond the predicted size, because HDF5 cannot close a file once the disk is full.
constexpr std::int64_t reserve_margin = std::int64_t{64} << 10;

/// Whether the file's first 64 KiB contain the name of the format attribute, as in a damaged results file.
bool bears_mark(const std::filesystem::path& path) {
  std::string start(std::size_t{64} << 10, '\0');
  std::ifstream(path, std::ios::binary).read(start.data(), std::ssize(start));
  return start.find(format_attribute) != std::string::npos;
}

/// Throws unless the file is a results file, damaged or not. So --overwrite never replaces the sweep file,
/// its data, or another file named by mistake.
void require_results_file(const std::filesystem::path& path) {
  if (!std::filesystem::is_regular_file(path)) return;
  try {
    const ResultsReader reader(path);
    return;
  } catch (const core::InputError&) {
    // The file is readable, but it is not a results file, so it must not be replaced.
  } catch (const core::FileError&) {
    if (bears_mark(path)) return;
  }
  throw core::InputError(
      fmt::format("{} exists and is not a results file, so --overwrite does not replace it: "
                  "name another file, or remove it",
                  path.string()));
}

/// Returns how many bytes HDF5 has written to a file. HDF5 knows this number only once the file has been
/// closed after writing.
std::int64_t bytes_of_finished(const std::filesystem::path& path) {
  const File file(
      check(H5Fopen(path.c_str(), H5F_ACC_RDONLY, unlocked_access()), "cannot open the new file"));
  haddr_t end = 0;
  check(H5Fget_eoa(file, &end), "cannot find the file's size");
  return static_cast<std::int64_t>(end);
}

}  // namespace

void ResultsFile::create(const std::filesystem::path& path, const FileDescription& description,
                         const Provenance& provenance, Existing existing, const InitialCells& initial) {
  require_consistent(description);
  core::require(initial.sources >= 0, "a number of files is not negative");
  const std::int64_t sources = initial.sources + spare_sources;
  if (sources > static_cast<std::int64_t>(most_sources))
    core::refuse(path.string(), fmt::format("{} files to copy from", initial.sources),
                 fmt::format("at most {}", static_cast<std::int64_t>(most_sources) - spare_sources));
  start_library();
  if (existing == Existing::overwrite) require_results_file(path);
  StagedFile staged(path, existing);
  const std::int64_t bytes =
      file_bytes(description.grid, std::ssize(description.metrics), description.evaluations) +
      initial.sources * static_cast<std::int64_t>(text_characters + 2 * sizeof(std::int64_t));
  File file;
  try {
    file = create_hdf5(staged.path());
    staged.reserve(bytes + reserve_margin);
    write_root(file, description);
    write_run(file, description, provenance, sources);
    file.close("cannot finish the file");
    staged.shrink(bytes_of_finished(staged.path()));
  } catch (const Hdf5Error& error) {
    // HDF5 still needs some space to close the file, so free what the file has taken.
    staged.clear();
    throw core::FileError(path.string(), "cannot make this file, which needs " +
                                             core::to_byte_text(static_cast<double>(bytes)) + ": " +
                                             error.what());
  }
  if (initial.copy) {
    ResultsFile filled = ResultsFile::open(staged.path());
    initial.copy(filled);
    filled.close();
  }
  staged.publish();
}

}  // namespace rhosweep::store
