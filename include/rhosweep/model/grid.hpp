#pragma once

#include "rhosweep/core/ids.hpp"
#include "rhosweep/model/schedule.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace rhosweep::model {

/// The values of a key along an axis. Booleans are the texts "true" and "false", as in the results file.
using AxisValues = std::variant<std::vector<std::int64_t>, std::vector<double>, std::vector<std::string>>;
/// One value along an axis.
using AxisValue = std::variant<std::int64_t, double, std::string>;

/// Returns the value at an index.
AxisValue value_at(const AxisValues& values, std::int64_t index);
/// Returns a value as text for people, without quotes.
std::string text_of(const AxisValue& value);

/// A key of the sweep file and its values along an axis.
struct Coordinate {
  std::string key;  ///< with its section, e.g. "sgd.steps"
  AxisValues values;

  bool operator==(const Coordinate&) const = default;
};

/// A further dimension of the sweep, besides seed, schedule and ρ. It varies one key of the sweep file, or
/// several keys whose values are paired.
struct Axis {
  std::string key;  ///< names the dimension, e.g. "sgd.steps"
  AxisValues values;
  std::vector<Coordinate> paired = {};  ///< further keys, each with size() values

  std::int64_t size() const;
  /// Returns the keys as the sweep file writes them: "sgd.steps" or "sgd.steps, sgd.batch_size".
  std::string name() const;
  /// Returns the values of the key `wanted`, or nullptr if the axis does not have this key.
  const AxisValues* find(std::string_view wanted) const;

  bool operator==(const Axis&) const = default;
};

/// Calls visit(key, values) for the key of an axis, then for the keys that are paired with it.
template <class Visit>
void for_each_coordinate(const Axis& axis, Visit&& visit) {
  visit(axis.key, axis.values);
  for (const Coordinate& coordinate : axis.paired) visit(coordinate.key, coordinate.values);
}

/// The whole grid of trials: (axes…, seed, schedule, ρ), row-major, so ρ varies fastest. A cell is the place
/// of one trial.
struct Grid {
  std::vector<Axis> axes;           ///< in the order of the sweep file; may be empty
  std::vector<std::int64_t> seeds;  ///< distinct
  std::vector<Schedule> schedules;  ///< distinct
  std::vector<double> rhos;         ///< > 0, distinct
  /// For each axes point, whether the sweep leaves it out; empty if no point is left out.
  std::vector<bool> excluded = {};
  /// For each trial of the (schedule, ρ) plane, whether the sweep leaves it out at all points and seeds;
  /// empty if no trial is left out.
  std::vector<bool> excluded_trials = {};

  bool is_excluded(core::PointIndex point) const { return !excluded.empty() && excluded.at(point.value); }
  /// @param trial index into the (schedule, ρ) plane
  bool is_excluded_trial(std::int64_t trial) const {
    return !excluded_trials.empty() && excluded_trials.at(trial);
  }
  /// Returns whether the sweep leaves out a trial at an axes point, at every seed.
  bool is_excluded(core::PointIndex point, std::int64_t trial) const {
    return is_excluded(point) || is_excluded_trial(trial);
  }
  /// Returns the indices of the ρ that a schedule visits, in the order of increasing ρ.
  std::vector<std::int64_t> rhos_of(std::int64_t schedule) const;
  /// Returns the first axes point that is not left out. @pre at least one point is not left out
  core::PointIndex first_point() const;
  /// Number of axes points that are not left out.
  std::int64_t included_points() const;
  /// Number of trials that are not left out.
  std::int64_t included_cells() const;

  /// Number of axes points, including those that the sweep leaves out; 1 without axes.
  std::int64_t axes_points() const;
  /// Number of trials with the same axes point and seed, which share the drawn samples: schedules × ρ,
  /// including those that the sweep leaves out.
  std::int64_t trials_per_seed() const;
  /// Number of cells, including those that the sweep leaves out.
  std::int64_t cells() const;

  /// Extents of the grid: axes…, seed, schedule, ρ.
  std::vector<std::int64_t> shape() const;

  /// Returns the index of an axes point along each axis.
  std::vector<std::int64_t> coordinates(core::PointIndex point) const;

  /// Returns the index of the axis that has a key, or the number of axes if no axis has it.
  std::int64_t axis_of(std::string_view key) const;
};

}  // namespace rhosweep::model
