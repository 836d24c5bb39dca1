#include "layout.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include <fmt/format.h>

namespace rhosweep::store {

using namespace h5;

namespace {

Extents shape_of(hid_t file, const std::string& name) {
  return extents_of(space_of(open_dataset(file, name)));
}

std::string in_words(const Extents& shape) {
  return fmt::format("({})", fmt::join(shape, ", "));
}

void require_shape(hid_t file, const std::string& name, const Extents& expected) {
  const Extents found = shape_of(file, name);
  if (found != expected)
    throw Hdf5Error(fmt::format("damaged: variable {} has the shape {}, the grid's is {}", name,
                                in_words(found), in_words(expected)));
}

/// Throws if the file is empty, or so large that indices are not exact in double or their sums come near
/// overflow. No valid file is that large, because the sweep reader has the same limit.
void require_sensible(const Extents& curves) {
  constexpr double most_numbers = 9007199254740992.0;  // 2^53
  double numbers = 1.0;
  for (const hsize_t extent : curves) numbers *= static_cast<double>(extent);
  if (numbers == 0.0 || numbers >= most_numbers)
    throw Hdf5Error(fmt::format("damaged: a grid of the shape {}", in_words(curves)));
}

/// Throws unless the values of a dimension are all distinct and allowed, as in every sweep. The analysis of a
/// file relies on this.
template <class Number, class IsAllowed>
void require_values(const std::string& name, std::vector<Number> values, const IsAllowed& is_allowed) {
  if (std::ranges::all_of(values, is_allowed)) {
    std::ranges::sort(values);
    if (std::ranges::adjacent_find(values) == values.end()) return;
  }
  throw Hdf5Error(fmt::format("damaged: the values of {} are not those of a sweep", name));
}

bool is_axis_value(const model::AxisValue& value) {
  const double* const real = std::get_if<double>(&value);
  return real == nullptr || std::isfinite(*real);
}

/// Throws unless the values of an axis are all distinct and allowed. Values of paired keys may repeat, but no
/// combination of their values may repeat.
void require_axis(const model::Axis& axis) {
  if (axis.paired.empty())
    return std::visit(
        [&](const auto& values) {
          require_values(axis.key, values, [](const auto& value) { return is_axis_value(value); });
        },
        axis.values);
  std::vector<std::vector<model::AxisValue>> rows(axis.size());
  model::for_each_coordinate(axis, [&](const std::string&, const model::AxisValues& values) {
    for (std::int64_t i = 0; i < axis.size(); ++i) rows[i].push_back(model::value_at(values, i));
  });
  require_values(axis.name(), std::move(rows),
                 [](const auto& row) { return std::ranges::all_of(row, is_axis_value); });
}

void require_coordinates(const model::Grid& grid) {
  for (const model::Axis& axis : grid.axes) require_axis(axis);
  require_values("seed", grid.seeds, [](std::int64_t seed) { return seed >= 0; });
  require_values("rho", grid.rhos, [](double rho) { return std::isfinite(rho) && rho > 0.0; });
}

}  // namespace

void require_shapes(hid_t file, const model::Grid& grid, std::int64_t evaluations,
                    const std::vector<std::string>& metrics) {
  Extents axes;
  for (const model::Axis& axis : grid.axes) axes.push_back(static_cast<hsize_t>(axis.size()));
  const auto with_axes = [&](std::initializer_list<std::int64_t> others) {
    Extents shape = axes;
    for (const std::int64_t extent : others) shape.push_back(static_cast<hsize_t>(extent));
    return shape;
  };
  const std::int64_t seeds = std::ssize(grid.seeds);
  const std::int64_t schedules = std::ssize(grid.schedules);
  const std::int64_t rhos = std::ssize(grid.rhos);
  const Extents cells = with_axes({seeds, schedules, rhos});
  const Extents curves = with_axes({seeds, schedules, rhos, evaluations});
  require_sensible(curves);
  if (metrics.empty()) throw Hdf5Error("damaged: no variable of a metric");

  for (std::size_t i = 0; i < axes.size(); ++i)
    model::for_each_coordinate(grid.axes[i], [&](const std::string& key, const model::AxisValues&) {
      require_shape(file, key, {axes[i]});
    });
  require_shape(file, "seed", {static_cast<hsize_t>(seeds)});
  require_shape(file, "schedule", {static_cast<hsize_t>(schedules)});
  require_shape(file, "rho", {static_cast<hsize_t>(rhos)});
  require_shape(file, "evaluation", {static_cast<hsize_t>(evaluations)});
  Extents steps{static_cast<hsize_t>(evaluations)};
  if (const std::int64_t axis = steps_axis(grid); axis < std::ssize(grid.axes))
    steps.insert(steps.begin(), axes[axis]);
  require_shape(file, "step", steps);
  require_shape(file, "stepsize", with_axes({schedules, rhos}));
  require_shape(file, "f_star", axes);
  for (const char* name : {"diameter", "gradient_bound", "point_key"})
    if (has_variable(file, name)) require_shape(file, name, axes);
  for (const char* name : {"status", "diverged_step", "checksum", "run/seconds", "run/rank", "run/attempt"})
    require_shape(file, name, cells);
  require_shape(file, "run/failure", with_axes({seeds, static_cast<std::int64_t>(text_characters)}));
  if (has_variable(file, "run/source_file")) {
    require_shape(file, "run/source", cells);
    const Extents sources = shape_of(file, "run/source_file");
    if (sources.size() != 2 || sources[0] > most_sources || sources[1] != text_characters)
      throw Hdf5Error(fmt::format("damaged: variable run/source_file has the shape {}", in_words(sources)));
  }
  for (const char* const name : use_names)
    if (const std::string path = std::string("run/") + name; has_variable(file, path))
      require_shape(file, path, {});
  for (const std::string& metric : metrics) {
    require_shape(file, final_name(metric), cells);
    require_shape(file, metric, curves);
    if (const std::string name = initial_name(metric); has_variable(file, name))
      require_shape(file, name, with_axes({seeds}));
  }
  require_coordinates(grid);
}

}  // namespace rhosweep::store
