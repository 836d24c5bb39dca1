#pragma once

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
  /// (metrics, points, seeds): each metric at the initial point w_0. Empty in files that lack it.
  std::vector<double> initial;
};

/// What may differ from run to run: name and text of each attribute of the group /run (versions, host names,
/// command line, times, …), in the order in which they are written.
using Provenance = std::vector<std::pair<std::string, std::string>>;

/// Size of the variables of a results file.
std::int64_t variable_bytes(const model::Grid& grid, std::int64_t metrics, std::int64_t evaluations);

/// Predicted size of a results file, names and attributes included.
std::int64_t file_bytes(const model::Grid& grid, std::int64_t metrics, std::int64_t evaluations);

}  // namespace rhosweep::store
