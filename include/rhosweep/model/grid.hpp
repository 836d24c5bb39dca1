#pragma once

#include "rhosweep/core/ids.hpp"
#include "rhosweep/model/schedule.hpp"

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace rhosweep::model {

/// A further dimension of the sweep, besides seed, schedule and ρ: a numeric key of the sweep file and its
/// values.
struct Axis {
  std::string key;  ///< with its section, e.g. "sgd.steps"
  std::variant<std::vector<std::int64_t>, std::vector<double>> values;

  std::int64_t size() const;
};

/// The whole grid of trials: (axes…, seed, schedule, ρ), row-major, so ρ varies fastest. A cell is the place
/// of one trial.
struct Grid {
  std::vector<Axis> axes;           ///< in the order of the sweep file; may be empty
  std::vector<std::int64_t> seeds;  ///< distinct
  std::vector<Schedule> schedules;  ///< distinct
  std::vector<double> rhos;         ///< > 0, distinct

  /// Number of axes points: 1 without axes.
  std::int64_t axes_points() const;
  /// Number of trials that share an axes point and a seed, and thus the drawn samples: schedules × ρ.
  std::int64_t trials_per_seed() const;
  /// Number of trials.
  std::int64_t cells() const;

  /// Extents of the grid: axes…, seed, schedule, ρ.
  std::vector<std::int64_t> shape() const;

  /// Returns the index of an axes point along each axis.
  std::vector<std::int64_t> coordinates(core::PointIndex point) const;
};

}  // namespace rhosweep::model
