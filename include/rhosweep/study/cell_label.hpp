#pragma once

#include "rhosweep/model/block.hpp"
#include "rhosweep/model/grid.hpp"

#include <string>

namespace rhosweep::study {

/// Returns a label for an axes point, "sgd.steps = 1024, problem.l2 = 0.1", or an empty text if there are no
/// axes.
std::string point_label(const model::Grid& grid, core::PointIndex point);

/// Returns a label for the first trial of a block: "sgd.steps = 1024, seed = 3, schedule = cosine, rho = 2".
std::string cell_label(const model::Grid& grid, const model::Block& block);

}  // namespace rhosweep::study
