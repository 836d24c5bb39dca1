#pragma once

#include "rhosweep/model/grid.hpp"

#include <cstdint>

namespace rhosweep::store {

/// Returns the size of the variables of a results file in bytes.
/// @param metrics number of metrics
/// @param evaluations points of each learning curve
std::int64_t variable_bytes(const model::Grid& grid, std::int64_t metrics, std::int64_t evaluations);

/// Returns the predicted size of a results file in bytes: its variables, names and attributes.
/// @param metrics number of metrics
/// @param evaluations points of each learning curve
std::int64_t file_bytes(const model::Grid& grid, std::int64_t metrics, std::int64_t evaluations);

}  // namespace rhosweep::store
