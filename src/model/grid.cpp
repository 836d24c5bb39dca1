#include "rhosweep/model/grid.hpp"

#include "rhosweep/core/increasing_order.hpp"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

namespace rhosweep::model {

AxisValue value_at(const AxisValues& values, std::int64_t index) {
  return std::visit([index](const auto& list) -> AxisValue { return list.at(index); }, values);
}

std::string text_of(const AxisValue& value) {
  return std::visit([](const auto& held) { return fmt::format("{}", held); }, value);
}

std::int64_t Axis::size() const {
  return std::visit([](const auto& list) { return static_cast<std::int64_t>(list.size()); }, values);
}

std::string Axis::name() const {
  std::string keys = key;
  for (const Coordinate& coordinate : paired) keys += ", " + coordinate.key;
  return keys;
}

const AxisValues* Axis::find(std::string_view wanted) const {
  if (key == wanted) return &values;
  const auto found = std::ranges::find(paired, wanted, &Coordinate::key);
  return found == paired.end() ? nullptr : &found->values;
}

std::int64_t Grid::axes_points() const {
  std::int64_t product = 1;
  for (const Axis& axis : axes) product *= axis.size();
  return product;
}

std::int64_t Grid::trials_per_seed() const {
  return std::ssize(schedules) * std::ssize(rhos);
}

std::int64_t Grid::cells() const {
  return axes_points() * std::ssize(seeds) * trials_per_seed();
}

core::PointIndex Grid::first_point() const {
  core::PointIndex point;
  while (is_excluded(point)) ++point;
  return point;
}

std::int64_t Grid::included_points() const {
  return axes_points() - std::ranges::count(excluded, true);
}

std::int64_t Grid::included_cells() const {
  const std::int64_t per_seed = trials_per_seed() - std::ranges::count(excluded_trials, true);
  return included_points() * std::ssize(seeds) * per_seed;
}

std::vector<std::int64_t> Grid::rhos_of(std::int64_t schedule) const {
  std::vector<std::int64_t> indices = core::increasing_order(rhos);
  std::erase_if(indices,
                [&](std::int64_t rho) { return is_excluded_trial(schedule * std::ssize(rhos) + rho); });
  return indices;
}

std::vector<std::int64_t> Grid::shape() const {
  std::vector<std::int64_t> extents;
  for (const Axis& axis : axes) extents.push_back(axis.size());
  extents.insert(extents.end(), {std::ssize(seeds), std::ssize(schedules), std::ssize(rhos)});
  return extents;
}

std::vector<std::int64_t> Grid::coordinates(core::PointIndex point) const {
  std::vector<std::int64_t> index(axes.size());
  std::int64_t rest = point.value;
  for (std::size_t i = axes.size(); i-- > 0;) {
    index[i] = rest % axes[i].size();
    rest /= axes[i].size();
  }
  return index;
}

std::int64_t Grid::axis_of(std::string_view key) const {
  const auto found =
      std::ranges::find_if(axes, [key](const Axis& axis) { return axis.find(key) != nullptr; });
  return found - axes.begin();
}

}  // namespace rhosweep::model
