#include "layout.hpp"

#include "rhosweep/core/descriptor.hpp"
#include "rhosweep/core/error.hpp"
#include "rhosweep/core/input_file.hpp"
#include "rhosweep/store/file_size.hpp"

#include <algorithm>

#include <fcntl.h>
#include <fmt/format.h>

namespace rhosweep::store {

using namespace h5;

namespace {

model::AxisValues read_axis(hid_t file, const std::string& key) {
  const Datatype type(check(H5Dget_type(open_dataset(file, key)), "cannot read the type of " + key));
  switch (check(H5Tget_class(type), "cannot read the type of " + key)) {
    case H5T_INTEGER:
      return read_all<std::int64_t>(file, key);
    case H5T_STRING:
      return read_texts(file, key);
    default:
      return read_all<double>(file, key);
  }
}

/// Parses a schedule's specification in a file. An invalid one means a damaged file, not a user's mistake.
model::Schedule parse_schedule(const std::string& spec) {
  try {
    return model::Schedule::parse(spec);
  } catch (const core::InputError& error) {
    throw Hdf5Error(fmt::format("cannot read the schedules: {}", error.what()));
  }
}

}  // namespace

std::string final_name(const std::string& metric) {
  return std::string(final_prefix) + metric;
}

std::string initial_name(const std::string& metric) {
  return "initial_" + metric;
}

std::int64_t steps_axis(const model::Grid& grid) {
  return grid.axis_of("sgd.steps");
}

std::int64_t seeds_per_slab(const FileDescription& description) {
  constexpr std::int64_t slab_bytes = std::int64_t{8} << 20;
  model::Grid one_seed = description.grid;
  one_seed.axes.clear();
  one_seed.seeds.resize(1);
  const std::int64_t bytes =
      variable_bytes(one_seed, std::ssize(description.metrics), description.evaluations);
  return std::max(std::int64_t{1}, slab_bytes / bytes);
}

void require_hdf5(const std::filesystem::path& path) {
  core::require_regular_file(path);
  const core::Descriptor readable(path, O_RDONLY);
  if (H5Fis_hdf5(path.c_str()) <= 0) throw core::InputError(path.string() + ": this is not an HDF5 file");
}

void require_results(hid_t file, const std::filesystem::path& path) {
  if (!has_attribute(file, format_attribute))
    throw core::InputError(path.string() +
                           ": this HDF5 file was not made by rhosweep (it has no attribute rhosweep_format)");
  const auto format = read_attribute<std::int32_t>(file, format_attribute);
  if (format != file_format)
    throw core::InputError(path.string() + ": rhosweep_format is " + std::to_string(format) +
                           ", this version of rhosweep reads only format " + std::to_string(file_format));
}

model::Grid read_grid(hid_t file) {
  model::Grid grid;
  for (const std::string& name : link_names(file)) {
    if (name == "seed") break;  // all axes come before the seeds, each with its paired keys
    if (check(H5DSis_scale(open_dataset(file, name)), "cannot read the kind of " + name) > 0)
      grid.axes.push_back({name, read_axis(file, name)});
    else if (!grid.axes.empty())
      grid.axes.back().paired.push_back({name, read_axis(file, name)});
    else
      throw Hdf5Error("damaged: variable " + name + " belongs to no dimension");
  }
  grid.seeds = read_all<std::int64_t>(file, "seed");
  for (const std::string& spec : read_texts(file, "schedule")) grid.schedules.push_back(parse_schedule(spec));
  grid.rhos = read_all<double>(file, "rho");
  return grid;
}

std::vector<std::string> metric_names(hid_t file) {
  std::vector<std::string> names;
  for (const std::string& link : link_names(file))
    if (link.starts_with(final_prefix)) names.push_back(link.substr(final_prefix.size()));
  return names;
}

std::string fixed_text(const std::string& text) {
  std::string line = core::one_line(text, text_characters - std::size("..."));
  line.resize(text_characters, '\0');
  return line;
}

std::vector<std::string> split_texts(const std::vector<char>& characters) {
  std::vector<std::string> texts;
  for (auto begin = characters.begin(); begin != characters.end(); begin += text_characters) {
    const auto end = begin + text_characters;
    texts.emplace_back(begin, std::find(begin, end, '\0'));
  }
  return texts;
}

std::vector<model::CellStatus> to_states(const std::vector<std::uint8_t>& values) {
  std::vector<model::CellStatus> states;
  states.reserve(values.size());
  for (const std::uint8_t value : values) {
    const bool valid = value <= static_cast<std::uint8_t>(model::CellStatus::stopped);
    states.push_back(valid ? static_cast<model::CellStatus>(value) : model::CellStatus::pending);
  }
  return states;
}

void select_block(hid_t space, const std::vector<std::int64_t>& axes, const model::Block& block) {
  const Extents extents = extents_of(space);
  const std::size_t seed = axes.size();
  const std::size_t schedule = seed + 1;
  const std::size_t rho = seed + 2;
  Extents start(extents.size(), 0);
  Extents count(extents.size(), 1);
  std::copy(axes.begin(), axes.end(), start.begin());
  start[seed] = static_cast<hsize_t>(block.seed);
  std::copy(extents.begin() + static_cast<std::ptrdiff_t>(rho) + 1, extents.end(),
            count.begin() + static_cast<std::ptrdiff_t>(rho) + 1);

  // The trials form at most three rectangles: the end of a first row of ρ, whole rows, the beginning of a
  // last row.
  const auto row = static_cast<std::int64_t>(extents[rho]);
  const std::int64_t end = block.first + block.trials;
  H5S_seloper_t operation = H5S_SELECT_SET;
  for (std::int64_t trial = block.first; trial < end;) {
    const std::int64_t column = trial % row;
    const std::int64_t columns = std::min(row - column, end - trial);
    const std::int64_t rows = columns == row ? (end - trial) / row : 1;
    start[schedule] = static_cast<hsize_t>(trial / row);
    start[rho] = static_cast<hsize_t>(column);
    count[schedule] = static_cast<hsize_t>(rows);
    count[rho] = static_cast<hsize_t>(columns);
    check(H5Sselect_hyperslab(space, operation, start.data(), nullptr, count.data(), nullptr),
          "cannot select a block");
    operation = H5S_SELECT_OR;
    trial += rows * columns;
  }
}

void select_slab(hid_t space, const std::vector<std::int64_t>& axes, const SeedRange& seeds,
                 std::int64_t schedule) {
  const std::size_t seed = axes.size();
  Extents start(axes.begin(), axes.end());
  start.insert(start.end(), {static_cast<hsize_t>(seeds.first), static_cast<hsize_t>(schedule), 0});
  Extents count(start.size(), 1);
  count[seed] = static_cast<hsize_t>(seeds.count);
  count[seed + 2] = extents_of(space)[seed + 2];
  check(H5Sselect_hyperslab(space, H5S_SELECT_SET, start.data(), nullptr, count.data(), nullptr),
        "cannot select a schedule's cells");
}

void select_seeds(hid_t space, const std::vector<std::int64_t>& axes, std::int64_t first,
                  std::int64_t seeds) {
  Extents count = extents_of(space);
  Extents start(count.size(), 0);
  std::copy(axes.begin(), axes.end(), start.begin());
  std::fill_n(count.begin(), axes.size(), hsize_t{1});
  start[axes.size()] = static_cast<hsize_t>(first);
  count[axes.size()] = static_cast<hsize_t>(seeds);
  check(H5Sselect_hyperslab(space, H5S_SELECT_SET, start.data(), nullptr, count.data(), nullptr),
        "cannot select seeds");
}

}  // namespace rhosweep::store
