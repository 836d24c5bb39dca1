#pragma once

#include "rhosweep/model/block.hpp"
#include "rhosweep/model/cell_set.hpp"
#include "rhosweep/model/stop_when.hpp"

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace rhosweep::store {

class ResultsReader;

/// The evaluation at which [stop_when] stops a trial whose learning curve is known up to there and beyond.
struct EarlierStop {
  std::int64_t evaluation = 0;
  bool has_one_metric = true;  ///< only the metric that is compared is known at this evaluation
};

/// A cell that contradicts the sweep of its file: the sweep excludes it, but it does not look excluded; or it
/// is wrongly marked as excluded, as not needed or as stopped; or it has a result, but [stop_when] stops its
/// trial.
struct Misfit {
  model::Block cell;                                      ///< the cell, as a block of one trial
  model::CellStatus proper = model::CellStatus::pending;  ///< the state that the cell should have
  std::string_view complaint = {};  ///< what is wrong with the cell, in words for the user
  std::optional<EarlierStop> stop =
      {};  ///< where the trial should have been stopped; nullopt: something else is wrong
};

/// What a results file holds and which cells are still to be run.
struct Survey {
  model::CellSet to_run;  ///< cells without a result, and damaged cells
  /// Cells whose results fail their checksum, as blocks of one trial.
  std::vector<model::Block> damaged;
  /// Cells whose status contradicts the sweep:
  ///  - at an excluded point, with a result or not marked as excluded;
  ///  - marked as excluded, not needed or stopped, although the sweep says otherwise;
  ///  - with the result of a whole trial, although [stop_when] stops this trial early.
  /// Empty if this version cannot read the sections [[exclude]] and [stop_when] of the sweep.
  std::vector<Misfit> misfits;
  /// When trials are stopped, in the rows whose first trials have all run; nullopt without [stop_when].
  std::optional<model::StopTable> stops = {};
};

/// Reads every cell, a few MiB at a time, and verifies its checksum.
Survey survey(const ResultsReader& file);

}  // namespace rhosweep::store
