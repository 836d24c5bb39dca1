#pragma once

#include "rhosweep/model/block.hpp"
#include "rhosweep/model/cell_set.hpp"

#include <string_view>
#include <vector>

namespace rhosweep::store {

class ResultsReader;

/// A cell without a result whose state or contents the sweep of its file rules out.
struct Misfit {
  model::Block cell;                                      ///< one trial
  model::CellStatus proper = model::CellStatus::pending;  ///< the state of a cell there that has not run
  std::string_view complaint;                             ///< what is wrong, for people
};

/// What a results file holds and which cells are still to be run.
struct Survey {
  model::CellSet to_run;  ///< without a result or damaged
  /// Cells that fail their checksum, except those without a result; one trial each.
  std::vector<model::Block> damaged;
  /// Cells at excluded points that are not blank, and cells that are marked as excluded or as not needed and
  /// cannot be. Empty if this version cannot read these parts of the sweep.
  std::vector<Misfit> misfits;
};

/// Reads every cell, a few MiB at a time, and verifies its checksum.
Survey survey(const ResultsReader& file);

}  // namespace rhosweep::store
