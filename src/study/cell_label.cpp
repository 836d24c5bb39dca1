#include "rhosweep/study/cell_label.hpp"

#include "rhosweep/analysis/analysis.hpp"

#include <fmt/format.h>

namespace rhosweep::study {

std::string cell_label(const model::Grid& grid, const model::Block& block) {
  const std::int64_t rhos = std::ssize(grid.rhos);
  const std::string label = analysis::label(analysis::axes_at(grid, block.point));
  return fmt::format("{}{}seed = {}, schedule = {}, rho = {}", label, label.empty() ? "" : ", ",
                     grid.seeds[block.seed], grid.schedules[block.first / rhos].spec(),
                     grid.rhos[block.first % rhos]);
}

}  // namespace rhosweep::study
