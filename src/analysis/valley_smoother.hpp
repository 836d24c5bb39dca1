#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <utility>
#include <vector>

namespace rhosweep::analysis {

/// The window of the local quadratic. Half of it follows a curve more closely, and its noise.
enum class WindowSize { whole, half };

/// The weights of a local quadratic (Cleveland 1979) of log e against log ρ over some points. It is linear in
/// log e: each of its values is a weighted sum of the points' values. The tricube weights reach 1.15 to
/// either side in log ρ, and farther where that holds fewer than 6 points; half of it 0.575 and 4 points.
class ValleySmoother {
 public:
  /// A row of a banded matrix.
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
  /// Between the points of a lattice that is uniform from the first point to the last, eight to the smallest
  /// distance of two points.
  double step() const { return step_; }
  /// (lattice): the model there.
  const std::vector<Row>& lattice(WindowSize window) const;
  /// (points): the model at the points.
  const std::vector<Row>& at_points() const;
  /// The model at a log ρ. Rows are kept.
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
