#include "rhosweep/store/file_size.hpp"

#include "layout.hpp"

#include <iterator>

namespace rhosweep::store {

std::int64_t variable_bytes(const model::Grid& grid, std::int64_t metrics, std::int64_t evaluations) {
  constexpr std::int64_t number = sizeof(double);
  constexpr std::int64_t run = sizeof(double) + 2 * sizeof(std::int32_t) + sizeof(std::uint16_t);
  constexpr std::int64_t status_step_checksum = 1 + 2 * number;
  return grid.cells() * (status_step_checksum + metrics * (1 + evaluations) * number + run) +
         grid.axes_points() * (4 + grid.trials_per_seed() + metrics * std::ssize(grid.seeds)) * number +
         grid.axes_points() * std::ssize(grid.seeds) * static_cast<std::int64_t>(text_characters);
}

std::int64_t file_bytes(const model::Grid& grid, std::int64_t metrics, std::int64_t evaluations) {
  // Size of names, attributes and coordinates in the file format of HDF5 1.10.
  constexpr std::int64_t fixed = 25900;
  constexpr std::int64_t per_metric = 2050;
  constexpr std::int64_t per_axis = 4200;
  constexpr std::int64_t per_schedule = 150;
  constexpr std::int64_t per_text = 64;                        // besides its characters
  constexpr std::int64_t per_coordinate = 2 * sizeof(double);  // stored at the root and in /run
  std::int64_t coordinates = std::ssize(grid.seeds) + std::ssize(grid.rhos) + evaluations;
  std::int64_t keys = 0;
  std::int64_t texts = 0;  // bytes
  for (const model::Axis& axis : grid.axes) {
    model::for_each_coordinate(axis, [&](const std::string&, const model::AxisValues& values) {
      ++keys;
      coordinates += axis.size();
      if (const auto* const list = std::get_if<std::vector<std::string>>(&values))
        for (const std::string& text : *list) texts += per_text + 2 * std::ssize(text);
    });
  }
  return variable_bytes(grid, metrics, evaluations) + fixed + per_metric * metrics + per_axis * keys + texts +
         per_schedule * std::ssize(grid.schedules) + per_coordinate * coordinates;
}

}  // namespace rhosweep::store
