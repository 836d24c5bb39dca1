#pragma once

#include "rhosweep/model/block.hpp"
#include "rhosweep/model/grid.hpp"
#include "rhosweep/model/metric.hpp"
#include "rhosweep/model/search_settings.hpp"
#include "rhosweep/model/sgd_settings.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace rhosweep::store {

/// Everything that determines a results file outside its group /run.
struct FileDescription {
  std::string title;
  std::string sweep;       ///< the effective sweep file, in TOML
  std::string sweep_hash;  ///< in hexadecimal digits
  /// (axes points): the optimizer settings. A reader parses them from `sweep`; they are not stored
  /// separately. Empty if this version cannot parse them.
  std::vector<model::SgdSettings> sgd;
  /// The section [search], which a reader parses from `sweep`; nullopt if there is none or if this version
  /// cannot parse it.
  std::optional<model::SearchSettings> search;
  /// Name and hash of every data file that was read; may be empty.
  std::vector<std::pair<std::string, std::string>> data_hashes;
  model::Grid grid;
  std::vector<model::Metric> metrics;  ///< train_loss first
  std::int64_t evaluations = 0;        ///< points of the learning curve
  /// The step of each evaluation: (|sgd.steps|, evaluations), with a single row if sgd.steps is not an axis.
  std::vector<std::int64_t> steps;
  std::vector<double> stepsizes;  ///< (points, schedules, ρ): η
  std::vector<double> f_star;     ///< (axes points): minimum of the objective, NaN if unknown
  /// (axes points): D and G of the theoretical bound. NaN where unknown, and where the bound does not apply
  /// because the objective is not convex or the iterates are not projected. Empty in files that lack them.
  std::vector<double> diameter;
  std::vector<double> gradient_bound;
  /// (metrics, points, seeds): each metric at the initial point w_0. Empty in files that lack it.
  std::vector<double> initial;
  /// (axes points): a hash of the problem, data, optimizer and metrics, which all trials at an axes point
  /// share. Together with a trial's schedule, stepsize and seed it determines the content of its cell. Empty
  /// in files that lack it.
  std::vector<std::uint64_t> point_keys;
};

/// What may differ from run to run (versions, host names, command line, times, …): name and text of each
/// attribute of the group /run, in the order in which they are written.
using Provenance = std::vector<std::pair<std::string, std::string>>;

}  // namespace rhosweep::store
