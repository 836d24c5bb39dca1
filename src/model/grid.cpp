#include "rhosweep/model/grid.hpp"

#include <iterator>

namespace rhosweep::model {

std::int64_t Axis::size() const {
  return std::visit([](const auto& list) { return static_cast<std::int64_t>(list.size()); }, values);
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

}  // namespace rhosweep::model
