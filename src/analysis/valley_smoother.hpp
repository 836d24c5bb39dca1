#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <utility>
#include <vector>

namespace rhosweep::analysis {

/// The window of the local quadratic. Half the window follows a curve more closely, but also its noise.
enum class WindowSize { whole, half };

/// The weights of a local quadratic (Cleveland 1979) of log e against log ρ over some points. The fit is
/// linear in log e: each fitted value is a weighted sum of the points' values. The window, with tricube
/// weights, reaches 1.15 to either side in log ρ, and farther if it holds fewer than 6 points. For half the
/// window these numbers are 0.575 and 4.
class ValleySmoother {
 public:
  /// The weights of one fitted value: a row of a banded matrix.
  struct Row {
    std::int64_t first = 0;
    std::vector<double> weights{};

    double times(std::span<const double> values) const {
      double sum = 0.0;
      for (std::size_t i = 0; i < weights.size(); ++i) sum += weights[i] * values[first + i];
      return sum;
    }
  };

  /// @param places log ρ of the points, increasing, at least four
  explicit ValleySmoother(std::vector<double> places);

  const std::vector<double>& places() const { return places_; }
  /// Returns the step of the lattice, which is uniform from the first point to the last. The smallest
  /// distance of two points is at least eight steps, unless that takes more than 4000 steps in all.
  double step() const { return step_; }
  /// Returns the rows that give the model at the lattice points, shape (lattice).
  const std::vector<Row>& lattice(WindowSize window) const;
  /// Returns the rows that give the model at the points, shape (points).
  const std::vector<Row>& at_points() const;
  /// Returns the row that gives the model at a log ρ. Rows are cached.
  const Row& at(double log_rho, WindowSize window) const;

 private:
  Row row(double at, WindowSize window) const;

  std::vector<double> places_;
  double step_ = 0.0;
  std::int64_t steps_ = 0;
  mutable std::map<WindowSize, std::vector<Row>> lattices_{};
  mutable std::vector<Row> at_points_{};
  mutable std::map<std::pair<double, WindowSize>, Row> at_{};
};

}  // namespace rhosweep::analysis
