#pragma once

#include "rhosweep/model/block.hpp"
#include "rhosweep/model/grid.hpp"
#include "rhosweep/model/metric.hpp"
#include "rhosweep/model/search_settings.hpp"
#include "rhosweep/model/sgd_settings.hpp"
#include "rhosweep/model/stop_when.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace rhosweep::store {

/// Everything that determines a results file, except its group /run.
struct FileDescription {
  std::string title;
  std::string sweep;       ///< the effective sweep file, in TOML
  std::string sweep_hash;  ///< in hexadecimal digits
  /// Optimizer settings, shape (axes points). A reader parses them from `sweep`, because they are not stored
  /// separately. Empty if this version cannot parse these settings.
  std::vector<model::SgdSettings> sgd;
  /// The section [search]; nullopt if the sweep has none. A reader parses it from `sweep`, and uses the
  /// defaults if this version cannot parse it.
  std::optional<model::SearchSettings> search;
  /// The section [stop_when], likewise.
  std::optional<model::StopWhen> stop_when;
  /// Name and hash of every data file that was read; may be empty.
  std::vector<std::pair<std::string, std::string>> data_hashes;
  model::Grid grid;
  std::vector<model::Metric> metrics;  ///< train_loss first
  std::int64_t evaluations = 0;        ///< number of points of the learning curve
  /// The step of each evaluation, shape (values of sgd.steps, evaluations); a single row if sgd.steps is not
  /// an axis.
  std::vector<std::int64_t> steps;
  std::vector<double> stepsizes;  ///< η, shape (axes points, schedules, ρ)
  std::vector<double> f_star;     ///< minimum of the objective, shape (axes points); NaN if unknown
  /// D and G of the theoretical bound, shape (axes points). NaN if unknown, and NaN where the bound does not
  /// apply because the objective is not convex or the iterates are not projected. Empty if the file lacks D
  /// and G.
  std::vector<double> diameter;
  std::vector<double> gradient_bound;
  /// Each metric at the initial point w_0, shape (metrics, axes points, seeds). Empty if the file lacks these
  /// values.
  std::vector<double> initial;
  /// Hashes of the problem, data, optimizer and metrics, which all trials at an axes point share; shape (axes
  /// points). A point key and a trial's schedule, stepsize and seed determine the content of its cell. Empty
  /// if the file lacks point keys.
  std::vector<std::uint64_t> point_keys;
};

/// Name and text of each attribute of the group /run, in the order in which they are written. The attributes
/// record what may differ from run to run: versions, host names, command line, times, …
using Provenance = std::vector<std::pair<std::string, std::string>>;

}  // namespace rhosweep::store
