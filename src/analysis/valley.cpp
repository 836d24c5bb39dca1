#include "valley.hpp"

#include "rhosweep/analysis/analysis.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace rhosweep::analysis {

namespace {

constexpr std::int64_t fewest_points = 4;

/// However close two ρ are.
constexpr double most_lattice_steps = 4000.0;

/// Where e grows by more than this power of ρ and a factor of 2 from one finite point to the next, above the
/// best one, trials have begun to diverge: their losses are finite only because they ended in time. Costs of
/// trials that converge grow like ρ, or like ρ² at most.
constexpr double steepest_power = 8.0;

bool is_cliff(double log_rho_step, double error, double next) {
  return std::log(next / error) > steepest_power * log_rho_step + std::log(2.0);
}
/// So that integrals of the rise stay finite.
constexpr double most_log_rise = 600.0;

double tricube(double distance) {
  const double u = 1.0 - distance * distance * distance;
  return u > 0.0 ? u * u * u : 0.0;
}

/// Weights w such that Σ w y is the value at 0 of the weighted least-squares quadratic through (t, y).
/// @param t not all in fewer than three places where kernel is positive
std::vector<double> quadratic_weights(std::span<const double> t, std::span<const double> kernel) {
  std::array<double, 5> moment{};
  for (std::size_t i = 0; i < t.size(); ++i) {
    double power = kernel[i];
    for (double& m : moment) {
      m += power;
      power *= t[i];
    }
  }
  // The first row of the inverse of the moment matrix, by cofactors.
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

/// The model for one set of points.
struct ValleyModel::Smoother {
  /// A row of a banded matrix.
  struct Row {
    std::int64_t first = 0;
    std::vector<double> weights;

    double times(std::span<const double> values) const {
      double sum = 0.0;
      for (std::size_t i = 0; i < weights.size(); ++i) sum += weights[i] * values[first + i];
      return sum;
    }
  };

  std::vector<std::int64_t> points;  ///< by their places among the ρ
  Bound below = Bound::sweep;
  Bound above = Bound::sweep;
  double step = 0.0;
  std::vector<Row> lattice;
  std::vector<Row> at_points;
};

ValleyModel::ValleyModel(std::span<const double> rhos, ValleyOptions options) : options_(options) {
  for (const double rho : rhos) x_.push_back(std::log(rho));
}

ValleyModel::~ValleyModel() = default;

std::vector<double> ValleyModel::window_weights(std::span<const std::int64_t> points, double at,
                                                std::int64_t& first) const {
  std::vector<double> distances;
  distances.reserve(points.size());
  for (const std::int64_t i : points) distances.push_back(std::abs(x_[i] - at));
  std::vector<double> sorted = distances;
  const auto kth = sorted.begin() + std::min(options_.least_points, std::ssize(points)) - 1;
  std::nth_element(sorted.begin(), kth, sorted.end());
  // The farthest of the least points must have a positive weight.
  const double half_width = std::max(options_.half_width, 1.1 * *kth);
  std::vector<double> t;
  std::vector<double> kernel;
  first = -1;
  for (std::int64_t k = 0; k < std::ssize(points); ++k) {
    const double weight = tricube(distances[k] / half_width);
    if (weight == 0.0) continue;
    if (first < 0) first = k;
    t.push_back((x_[points[k]] - at) / half_width);
    kernel.push_back(weight);
  }
  return quadratic_weights(t, kernel);
}

const ValleyModel::Smoother* ValleyModel::smoother(std::span<const double> errors) const {
  const auto is_finite = [&](std::int64_t i) { return std::isfinite(errors[i]) && errors[i] > 0.0; };
  std::int64_t best = -1;
  for (std::int64_t i = 0; i < std::ssize(errors); ++i)
    if (is_finite(i) && (best < 0 || errors[i] < errors[best])) best = i;
  if (best < 0) return nullptr;
  constexpr double infinity = std::numeric_limits<double>::infinity();
  std::int64_t begin = best;
  while (begin > 0 && errors[begin - 1] != infinity) --begin;
  std::int64_t end = best + 1;
  for (std::int64_t last = best; end < std::ssize(errors) && errors[end] != infinity; ++end) {
    if (!is_finite(end)) continue;
    if (is_cliff(x_[end] - x_[last], errors[last], errors[end])) break;
    last = end;
  }
  std::vector<std::int64_t> points;
  for (std::int64_t i = begin; i < end; ++i)
    if (is_finite(i)) points.push_back(i);
  if (std::ssize(points) < fewest_points) return nullptr;

  const Bound below = begin > 0 ? Bound::diverged : Bound::sweep;
  const Bound above = end < std::ssize(errors) ? Bound::diverged : Bound::sweep;
  auto& found = smoothers_[{points, below, above}];
  if (found) return found.get();
  found = std::make_unique<Smoother>();
  found->points = points;
  found->below = below;
  found->above = above;
  double step = x_[points[1]] - x_[points[0]];
  for (std::size_t k = 1; k < points.size(); ++k) step = std::min(step, x_[points[k]] - x_[points[k - 1]]);
  const double width = x_[points.back()] - x_[points.front()];
  const auto steps = static_cast<std::int64_t>(std::min(
      std::ceil(width / step * static_cast<double>(options_.lattice_points) - 1e-6), most_lattice_steps));
  found->step = width / static_cast<double>(steps);
  const auto row = [&](double at) {
    Smoother::Row made;
    made.weights = window_weights(points, at, made.first);
    return made;
  };
  for (std::int64_t j = 0; j <= steps; ++j)
    found->lattice.push_back(row(x_[points.front()] + static_cast<double>(j) * found->step));
  for (const std::int64_t i : points) found->at_points.push_back(row(x_[i]));
  return found.get();
}

std::vector<double> ValleyModel::log_errors(const Smoother& smoother, std::span<const double> errors) const {
  std::vector<double> logs;
  logs.reserve(smoother.points.size());
  for (const std::int64_t i : smoother.points) logs.push_back(std::log(errors[i]));
  return logs;
}

std::optional<Valley> ValleyModel::fit(std::span<const double> errors) const {
  const Smoother* const by = smoother(errors);
  if (by == nullptr) return std::nullopt;
  const std::vector<double> logs = log_errors(*by, errors);
  std::vector<double> values;
  values.reserve(by->lattice.size());
  for (const Smoother::Row& row : by->lattice) values.push_back(row.times(logs));
  const auto best = std::min_element(values.begin(), values.end()) - values.begin();
  Valley valley{.log_rho_first = x_[by->points.front()],
                .log_rho_step = by->step,
                .below = by->below,
                .above = by->above,
                .is_at_end = best == 0 || best + 1 == std::ssize(values)};
  double shift = 0.0;
  if (!valley.is_at_end) {
    // The vertex of the parabola through the least lattice value and its neighbours.
    const double bend = values[best - 1] - 2.0 * values[best] + values[best + 1];
    if (bend > 0.0) shift = 0.5 * (values[best - 1] - values[best + 1]) / bend;
  }
  valley.log_rho = valley.log_rho_first + (static_cast<double>(best) + shift) * by->step;
  const double least = values[best];
  valley.least = std::exp(least);
  for (double& value : values) value = std::expm1(std::min(value - least, most_log_rise));
  valley.rise = std::move(values);
  return valley;
}

std::vector<double> ValleyModel::residuals(std::span<const double> errors) const {
  std::vector<double> found(errors.size(), unknown);
  const Smoother* const by = smoother(errors);
  if (by == nullptr) return found;
  const std::vector<double> logs = log_errors(*by, errors);
  for (std::size_t k = 0; k < logs.size(); ++k) {
    const Smoother::Row& row = by->at_points[k];
    const double own = row.weights[static_cast<std::int64_t>(k) - row.first];
    found[by->points[k]] = (logs[k] - row.times(logs)) / (1.0 - own);
  }
  return found;
}

std::vector<std::int64_t> ValleyModel::points_below(std::span<const double> errors, double level) const {
  const auto valley = fit(errors);
  if (!valley) return {};
  const Smoother& by = *smoother(errors);
  const std::vector<double> logs = log_errors(by, errors);
  const double highest = std::log(valley->least) + std::log1p(level);
  std::vector<std::int64_t> found;
  for (std::size_t k = 0; k < logs.size(); ++k)
    if (by.at_points[k].times(logs) <= highest) found.push_back(by.points[k]);
  return found;
}

double ValleyModel::residual(std::span<const double> errors, double level) const {
  const std::vector<double> all = residuals(errors);
  double sum = 0.0;
  double count = 0.0;
  for (const std::int64_t i : points_below(errors, level)) {
    sum += all[i] * all[i];
    ++count;
  }
  return count > 0.0 ? std::sqrt(sum / count) : unknown;
}

double ValleyModel::coarsest_step(std::span<const double> errors, double level) const {
  const auto valley = fit(errors);
  if (!valley) return unknown;
  const std::vector<std::int64_t>& points = smoother(errors)->points;
  const std::vector<std::int64_t> low = points_below(errors, level);
  const auto is_low = [&](std::int64_t i) { return std::binary_search(low.begin(), low.end(), i); };
  double widest = 0.0;
  for (std::size_t k = 1; k < points.size(); ++k) {
    const double left = x_[points[k - 1]];
    const double right = x_[points[k]];
    const bool holds_optimum = left <= valley->log_rho && valley->log_rho <= right;
    if (holds_optimum || is_low(points[k - 1]) || is_low(points[k])) widest = std::max(widest, right - left);
  }
  return std::exp(widest);
}

std::vector<double> ValleyModel::weights_at(std::span<const double> errors, double log_rho) const {
  const Smoother* const by = smoother(errors);
  if (by == nullptr) return {};
  std::int64_t first = 0;
  const std::vector<double> found = window_weights(by->points, log_rho, first);
  std::vector<double> weights(errors.size(), 0.0);
  for (std::size_t k = 0; k < found.size(); ++k) weights[by->points[first + k]] = found[k];
  return weights;
}

std::optional<double> ValleyModel::log_at(std::span<const double> errors, double log_rho) const {
  const std::vector<double> weights = weights_at(errors, log_rho);
  if (weights.empty()) return std::nullopt;
  double sum = 0.0;
  for (std::size_t i = 0; i < weights.size(); ++i)
    if (weights[i] != 0.0) sum += weights[i] * std::log(errors[i]);
  return sum;
}

}  // namespace rhosweep::analysis
