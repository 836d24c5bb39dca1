#pragma once

#include "rhosweep/model/cell_set.hpp"
#include "rhosweep/store/results_file.hpp"

namespace rhosweep::study {

/// Sets those of `cells` that are in state `from` to state `to`. Both are states without a result: pending or
/// not needed.
/// @param cells no other cells change
void change_states(store::ResultsFile& file, const model::Grid& grid, const model::CellSet& cells,
                   model::CellStatus from, model::CellStatus to);

}  // namespace rhosweep::study
