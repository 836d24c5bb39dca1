#pragma once

#include "rhosweep/model/block.hpp"
#include "rhosweep/model/cell_set.hpp"

#include <vector>

namespace rhosweep::store {

class ResultsReader;

/// What a results file holds and what is still to be run.
struct Survey {
  model::CellSet to_run;  ///< pending, failed or torn
  /// Neither pending nor failed, but not as their checksums say: one trial each.
  std::vector<model::Block> torn;
};

/// Reads every cell and verifies its checksum, a few MiB at a time.
Survey survey(const ResultsReader& file);

}  // namespace rhosweep::store
