#pragma once

#include "rhosweep/model/block.hpp"
#include "rhosweep/model/cell_set.hpp"

#include <vector>

namespace rhosweep::store {

class ResultsReader;

/// What a results file holds and which cells are still to be run.
struct Survey {
  model::CellSet to_run;  ///< without a result or damaged
  /// Cells that fail their checksum, except those without a result; one trial each.
  std::vector<model::Block> damaged;
};

/// Reads every cell, a few MiB at a time, and verifies its checksum.
Survey survey(const ResultsReader& file);

}  // namespace rhosweep::store
