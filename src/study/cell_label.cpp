#include "rhosweep/study/cell_label.hpp"

#include "rhosweep/analysis/analysis.hpp"
#include "rhosweep/core/text.hpp"

#include <fmt/format.h>

namespace rhosweep::study {

std::string point_label(const model::Grid& grid, core::PointIndex point) {
  return analysis::label(analysis::axes_at(grid, point));
}

std::string cell_label(const model::Grid& grid, const model::Block& block) {
  const std::int64_t rhos = std::ssize(grid.rhos);
  const std::string label = point_label(grid, block.point);
  return fmt::format("{}{}seed = {}, schedule = {}, rho = {}", label, label.empty() ? "" : ", ",
                     grid.seeds[block.seed], grid.schedules[block.first / rhos].name(),
                     grid.rhos[block.first % rhos]);
}

}  // namespace rhosweep::study
