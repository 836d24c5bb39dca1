#include "valley_smoother.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace rhosweep::analysis {

namespace {

struct Reach {
  double half_width;  ///< in log ρ; as the weights fall to 0 at the ends, only about half of it counts
  std::int64_t least_points;  ///< the window grows until it holds this many points
};

constexpr Reach reach_of(WindowSize window) {
  return window == WindowSize::whole ? Reach{1.15, 6} : Reach{0.575, 4};
}

/// The number of lattice steps in the smallest distance of two points, unless the lattice then has more than
/// most_lattice_steps.
constexpr double lattice_points = 8.0;
constexpr double most_lattice_steps = 4000.0;

double tricube(double distance) {
  const double u = 1.0 - distance * distance * distance;
  return u > 0.0 ? u * u * u : 0.0;
}

/// Returns weights w such that Σ w·y is the value at 0 of a quadratic. The quadratic is fitted to the points
/// (t, y) by least squares with the weights `kernel`.
/// @param t has at least three distinct values where kernel is positive
std::vector<double> quadratic_weights(std::span<const double> t, std::span<const double> kernel) {
  std::array<double, 5> moment{};
  for (std::size_t i = 0; i < t.size(); ++i) {
    double power = kernel[i];
    for (double& m : moment) {
      m += power;
      power *= t[i];
    }
  }
  // Cofactors give the first row of the inverse of the moment matrix.
  const auto& [m0, m1, m2, m3, m4] = moment;
  const double c0 = m2 * m4 - m3 * m3;
  const double c1 = m2 * m3 - m1 * m4;
  const double c2 = m1 * m3 - m2 * m2;
  const double determinant = m0 * c0 + m1 * c1 + m2 * c2;
  std::vector<double> weights(t.size());
  for (std::size_t i = 0; i < t.size(); ++i)
    weights[i] = kernel[i] * (c0 + t[i] * (c1 + t[i] * c2)) / determinant;
  return weights;
}

}  // namespace

ValleySmoother::ValleySmoother(std::vector<double> places) : places_(std::move(places)) {
  double least = places_[1] - places_[0];
  for (std::size_t k = 1; k < places_.size(); ++k) least = std::min(least, places_[k] - places_[k - 1]);
  const double width = places_.back() - places_.front();
  steps_ = static_cast<std::int64_t>(
      std::min(std::ceil(width / least * lattice_points - 1e-6), most_lattice_steps));
  step_ = width / static_cast<double>(steps_);
}

ValleySmoother::Row ValleySmoother::row(double at, WindowSize window) const {
  const Reach reach = reach_of(window);
  std::vector<double> distances;
  distances.reserve(places_.size());
  for (const double place : places_) distances.push_back(std::abs(place - at));
  std::vector<double> sorted = distances;
  const auto kth = sorted.begin() + std::min(reach.least_points, std::ssize(places_)) - 1;
  std::nth_element(sorted.begin(), kth, sorted.end());
  // The farthest of the least_points nearest points must have a positive weight, so the window ends beyond
  // it.
  const double half_width = std::max(reach.half_width, 1.1 * *kth);
  std::vector<double> t;
  std::vector<double> kernel;
  Row row{.first = -1};
  for (std::int64_t k = 0; k < std::ssize(places_); ++k) {
    const double weight = tricube(distances[k] / half_width);
    if (weight == 0.0) continue;
    if (row.first < 0) row.first = k;
    t.push_back((places_[k] - at) / half_width);
    kernel.push_back(weight);
  }
  row.weights = quadratic_weights(t, kernel);
  return row;
}

const std::vector<ValleySmoother::Row>& ValleySmoother::lattice(WindowSize window) const {
  auto& rows = lattices_[window];
  if (rows.empty())
    for (std::int64_t j = 0; j <= steps_; ++j)
      rows.push_back(row(places_.front() + static_cast<double>(j) * step_, window));
  return rows;
}

const std::vector<ValleySmoother::Row>& ValleySmoother::at_points() const {
  if (at_points_.empty())
    for (const double place : places_) at_points_.push_back(row(place, WindowSize::whole));
  return at_points_;
}

const ValleySmoother::Row& ValleySmoother::at(double log_rho, WindowSize window) const {
  const auto [found, is_new] = at_.try_emplace({log_rho, window});
  if (is_new) found->second = row(log_rho, window);
  return found->second;
}

}  // namespace rhosweep::analysis
