#pragma once

#include "rhosweep/model/block.hpp"
#include "rhosweep/model/grid.hpp"
#include "rhosweep/model/metric.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace rhosweep::store {

/// Everything that determines a results file outside its group /run.
struct FileDescription {
  std::string title;
  std::string sweep;       ///< the effective sweep file, in TOML
  std::string sweep_hash;  ///< in hexadecimal digits
  /// Name and hash of every data file that was read; may be empty.
  std::vector<std::pair<std::string, std::string>> data_hashes;
  model::Grid grid;
  std::vector<model::Metric> metrics;  ///< train_loss first
  std::int64_t evaluations = 0;        ///< points of the learning curve
  /// (|sgd.steps|, evaluations), one row without such an axis: the step of each evaluation.
  std::vector<std::int64_t> steps;
  std::vector<double> stepsizes;  ///< (points, schedules, ρ): η
  std::vector<double> f_star;     ///< (points): minimum of the objective, NaN if not known
  /// (points): D and G of the theory where its bound is about the objective, which is convex with projected
  /// iterates; NaN elsewhere and where they are not known. Empty in files that lack them.
  std::vector<double> diameter;
  std::vector<double> gradient_bound;
  /// (metrics, points, seeds): each metric at the initial point w_0. Empty in files that lack it.
  std::vector<double> initial;
  /// (points): what trials have in common at an axes point, problem, data, optimiser and metrics, as a hash.
  /// With a trial's schedule, stepsize and seed it determines what its cell holds. Empty in files that lack
  /// it.
  std::vector<std::uint64_t> point_keys;
};

/// What may differ from run to run: name and text of each attribute of the group /run (versions, host names,
/// command line, times, …), in the order in which they are written.
using Provenance = std::vector<std::pair<std::string, std::string>>;

/// How cells came about, for the group /run; (trials) each.
struct CellHistory {
  std::vector<double> seconds;         ///< wall time: the trial's share of its block's
  std::vector<std::int32_t> ranks;     ///< that ran the trials
  std::vector<std::int32_t> attempts;  ///< that gave the results, from 1

  /// That of some consecutive trials.
  CellHistory part(std::int64_t first, std::int64_t count) const;
};

/// What tells cells apart without reading their payloads; (trials) each.
struct StoredStates {
  std::vector<model::CellStatus> status;  ///< a state that there is not counts as pending
  std::vector<std::uint64_t> checksums;
  std::vector<std::uint16_t> sources;  ///< file that a cell was copied from; 0: it was run for this one
};

/// Size of the variables of a results file.
std::int64_t variable_bytes(const model::Grid& grid, std::int64_t metrics, std::int64_t evaluations);

/// Predicted size of a results file, names and attributes included.
std::int64_t file_bytes(const model::Grid& grid, std::int64_t metrics, std::int64_t evaluations);

}  // namespace rhosweep::store
