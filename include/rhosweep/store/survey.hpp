#pragma once

#include "rhosweep/model/block.hpp"
#include "rhosweep/model/cell_set.hpp"

#include <vector>

namespace rhosweep::store {

class ResultsReader;

/// What a results file holds and what is still to be run.
struct Survey {
  model::CellSet to_run;  ///< pending, failed or torn
  std::vector<model::Block>
      torn;  ///< neither pending nor failed, but not as its checksum says: one trial each
};

/// Reads every cell and verifies its checksum, a few MiB at a time.
Survey survey(const ResultsReader& file);

}  // namespace rhosweep::store
