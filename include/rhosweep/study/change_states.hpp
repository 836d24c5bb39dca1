#pragma once

#include "rhosweep/model/cell_set.hpp"
#include "rhosweep/store/results_file.hpp"
#include "rhosweep/store/results_reader.hpp"

namespace rhosweep::study {

/// Returns the cells of a file that are in a state.
model::CellSet cells_in_state(const store::ResultsReader& file, model::CellStatus state);

/// Changes all cells in `cells` that are in state `from` to state `to`. Both states must be states without a
/// result: pending or not needed.
/// @param cells the only cells that may change
void change_states(store::ResultsFile& file, const model::Grid& grid, const model::CellSet& cells,
                   model::CellStatus from, model::CellStatus to);

}  // namespace rhosweep::study
