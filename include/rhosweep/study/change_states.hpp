#pragma once

#include "rhosweep/model/cell_set.hpp"
#include "rhosweep/store/results_file.hpp"

namespace rhosweep::study {

/// Gives cells in one state without a result another such state: pending or not needed.
/// @param cells other cells stay as they are
void change_states(store::ResultsFile& file, const model::Grid& grid, const model::CellSet& cells,
                   model::CellStatus from, model::CellStatus to);

}  // namespace rhosweep::study
