#pragma once

#include "rhosweep/model/cell_set.hpp"
#include "rhosweep/store/results_file.hpp"

namespace rhosweep::study {

/// Changes all cells in `cells` that are in state `from` to state `to`. Both states must be states without a
/// result: pending or not needed.
/// @param cells the only cells that may change
void change_states(store::ResultsFile& file, const model::Grid& grid, const model::CellSet& cells,
                   model::CellStatus from, model::CellStatus to);

}  // namespace rhosweep::study
