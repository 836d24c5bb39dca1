#pragma once

#include "rhosweep/model/grid.hpp"

#include <cstdint>

namespace rhosweep::store {

/// Returns the size in bytes of the variables (HDF5 datasets) of a results file.
/// @param metrics number of metrics
/// @param evaluations number of points of each learning curve
std::int64_t variable_bytes(const model::Grid& grid, std::int64_t metrics, std::int64_t evaluations);

/// Returns the predicted size of a results file in bytes: its variables, names and attributes.
/// @param metrics number of metrics
/// @param evaluations number of points of each learning curve
std::int64_t file_bytes(const model::Grid& grid, std::int64_t metrics, std::int64_t evaluations);

}  // namespace rhosweep::store
