#include "valley.hpp"

#include "rhosweep/analysis/analysis.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

namespace rhosweep::analysis {

namespace {

constexpr std::int64_t fewest_points = 4;

/// Above the best point, trials count as diverging if, from one finite point to the next, e grows by more
/// than a factor of 2·r^steepest_power, where r is the ratio of the two ρ. Such losses are finite only
/// because the trials ended before they overflowed. Errors of trials that converge grow like ρ, or like ρ² at
/// most.
constexpr double steepest_power = 8.0;

bool is_cliff(double log_rho_step, double error, double next) {
  return std::log(next / error) > steepest_power * log_rho_step + std::log(2.0);
}
/// Upper limit of log e minus the least log e, so that integrals of the rise stay finite.
constexpr double most_log_rise = 600.0;
/// Least e of a member, as a share of the worst member's e. It replaces smaller e, since a member at or below
/// its floor has no log e; so far below the worst member, the exact e does not matter.
constexpr double least_share_of_worst = 1e-3;

/// A piece of the upper envelope of the members' rises over one lattice step; its ends are shares of the
/// step.
struct EnvelopePiece {
  double begin;
  std::int64_t worst_at_begin;
  double end;
  std::int64_t worst_at_end;
};

}  // namespace

std::vector<double> worst_of_members(std::span<const double> errors, std::int64_t rhos) {
  std::vector<double> worst(errors.begin(), errors.begin() + rhos);
  for (std::int64_t k = rhos; k < std::ssize(errors); ++k) {
    double& here = worst[k % rhos];
    if (errors[k] > here || std::isnan(errors[k])) here = errors[k];
  }
  return worst;
}

std::string reason_without_model(std::int64_t rhos) {
  return rhos > most_rhos
             ? fmt::format("the smooth model takes at most {} stepsizes", most_rhos)
             : std::string("fewer than four neighbouring stepsizes have a finite, positive cost");
}

ValleyModel::ValleyModel(std::span<const double> rhos) {
  for (const double rho : rhos) x_.push_back(std::log(rho));
}

std::optional<ValleyFit> ValleyModel::fit(std::span<const double> errors) const {
  const std::int64_t rhos = std::ssize(x_);
  if (rhos > most_rhos) return std::nullopt;
  const std::vector<double> worst = worst_of_members(errors, rhos);
  const auto is_finite = [&](std::int64_t i) { return std::isfinite(worst[i]) && worst[i] > 0.0; };
  std::int64_t best = -1;
  for (std::int64_t i = 0; i < rhos; ++i)
    if (is_finite(i) && (best < 0 || worst[i] < worst[best])) best = i;
  if (best < 0) return std::nullopt;
  std::int64_t begin = best;
  while (begin > 0 && worst[begin - 1] != infinite) --begin;
  std::int64_t end = best + 1;
  Bound above = Bound::sweep;
  for (std::int64_t last = best; end < rhos; ++end) {
    if (worst[end] == infinite) above = Bound::diverged;
    if (is_finite(end) && is_cliff(x_[end] - x_[last], worst[last], worst[end])) above = Bound::cliff;
    if (above != Bound::sweep) break;
    if (is_finite(end)) last = end;
  }
  std::vector<std::int64_t> points;
  for (std::int64_t i = begin; i < end; ++i)
    if (is_finite(i)) points.push_back(i);
  if (std::ssize(points) < fewest_points) return std::nullopt;

  std::vector<double> logs;
  logs.reserve(errors.size() / rhos * points.size());
  for (std::int64_t member = 0; member < std::ssize(errors); member += rhos)
    for (const std::int64_t i : points)
      logs.push_back(std::log(std::max(errors[member + i], least_share_of_worst * worst[i])));
  const Bound below = begin > 0 ? Bound::diverged : Bound::sweep;
  auto& found = found_[{points, below, above}];
  if (!found) {
    std::vector<double> places;
    places.reserve(points.size());
    for (const std::int64_t i : points) places.push_back(x_[i]);
    found =
        std::make_unique<ValleyFit::Points>(ValleyFit::Points{.places = std::move(points),
                                                              .rhos = rhos,
                                                              .below = below,
                                                              .above = above,
                                                              .smoother = ValleySmoother(std::move(places))});
  }
  return ValleyFit(*found, std::move(logs));
}

double ValleyFit::worst_of(const ValleySmoother::Row& row) const {
  double worst = -infinite;
  for (std::int64_t member = 0; member < members(); ++member)
    worst = std::max(worst, row.times(logs_of(member)));
  return worst;
}

Valley ValleyFit::valley(WindowSize window) const {
  const auto& rows = points_->smoother.lattice(window);
  const std::int64_t size = std::ssize(rows);
  std::vector<double> values;  // (members, lattice)
  values.reserve(members() * size);
  for (std::int64_t member = 0; member < members(); ++member) {
    const auto logs = logs_of(member);
    for (const ValleySmoother::Row& row : rows) values.push_back(row.times(logs));
  }
  std::vector<double> largest(values.begin(), values.begin() + size);
  std::vector<std::int64_t> worst(size, 0);
  for (std::int64_t k = size; k < std::ssize(values); ++k) {
    if (values[k] <= largest[k % size]) continue;
    largest[k % size] = values[k];
    worst[k % size] = k / size;
  }
  const double least = *std::min_element(largest.begin(), largest.end());
  for (double& value : values) value = std::expm1(std::min(value - least, most_log_rise));
  Valley valley{
      .log_rho_first = points_->smoother.places().front(), .below = points_->below, .above = points_->above};
  add_kinks(values, worst, valley);

  // Where members cross, the least value may lie below all lattice values, so it is taken over all knots.
  const auto best = std::min_element(valley.rise.begin(), valley.rise.end()) - valley.rise.begin();
  const double lowest = valley.rise[best];
  for (double& rise : valley.rise) rise = (rise - lowest) / (1.0 + lowest);
  valley.least = std::exp(least) * (1.0 + lowest);
  valley.is_at_end = best == 0 || best + 1 == std::ssize(valley.rise);
  const double step = points_->smoother.step();
  double shift = 0.0;
  // An optimum at a kink is at its knot. A smooth optimum is the vertex of the parabola through the least
  // lattice value and its neighbours.
  const auto place = static_cast<std::int64_t>(std::llround(valley.places[best] / step));
  const auto is_knot = [&](std::int64_t knot, std::int64_t of_lattice) {
    return valley.places[knot] == static_cast<double>(of_lattice) * step;
  };
  if (!valley.is_at_end && is_knot(best, place) && is_knot(best - 1, place - 1) &&
      is_knot(best + 1, place + 1)) {
    const double bend = largest[place - 1] - 2.0 * largest[place] + largest[place + 1];
    if (bend > 0.0) shift = 0.5 * (largest[place - 1] - largest[place + 1]) / bend * step;
  }
  valley.log_rho = valley.log_rho_first + valley.places[best] + shift;
  return valley;
}

/// Sets the knots of a valley: the lattice points, and the kinks between lattice points with different worst
/// members. The kinks are those of the upper envelope of the members' rises, which are taken to be linear
/// between lattice points.
/// @param rises the rises of the members, shape (members, lattice)
/// @param worst the worst member at each lattice point, shape (lattice)
void ValleyFit::add_kinks(std::span<const double> rises, std::span<const std::int64_t> worst,
                          Valley& into) const {
  const double step = points_->smoother.step();
  const std::int64_t size = std::ssize(worst);
  constexpr double rounding = 1e-9;
  std::vector<EnvelopePiece> open;
  for (std::int64_t j = 0; j < size; ++j) {
    into.places.push_back(static_cast<double>(j) * step);
    into.rise.push_back(rises[worst[j] * size + j]);
    if (j + 1 == size || worst[j] == worst[j + 1]) continue;
    const auto line = [&](std::int64_t member, double share) {
      const double* const at = &rises[member * size + j];
      return at[0] + share * (at[1] - at[0]);
    };
    // Handles the pieces from left to right. The crossing of two members is a kink if no third member is
    // above it.
    open.push_back({0.0, worst[j], 1.0, worst[j + 1]});
    while (!open.empty()) {
      const EnvelopePiece piece = open.back();
      open.pop_back();
      const auto [begin, a, end, b] = piece;
      const double gap = line(a, 0.0) - line(b, 0.0);
      const double share = gap / (gap + line(b, 1.0) - line(a, 1.0));
      if (!(share > begin + rounding && share < end - rounding)) continue;
      std::int64_t top = a;
      double height = line(a, share);
      for (std::int64_t member = 0; member < members(); ++member) {
        if (member == a || member == b || !(line(member, share) > height + rounding * (1.0 + height)))
          continue;
        top = member;
        height = line(member, share);
      }
      if (top == a) {
        into.places.push_back((static_cast<double>(j) + share) * step);
        into.rise.push_back(height);
      } else {
        open.push_back({share, top, end, b});
        open.push_back({begin, a, share, top});
      }
    }
  }
}

std::vector<double> ValleyFit::residuals() const {
  std::vector<double> found(points_->rhos, unknown);
  const auto& rows = points_->smoother.at_points();
  for (std::int64_t k = 0; k < std::ssize(rows); ++k) {
    const double own = rows[k].weights[k - rows[k].first];
    double highest = -infinite;
    for (std::int64_t member = 0; member < members(); ++member) {
      const auto logs = logs_of(member);
      const double residual = (logs[k] - rows[k].times(logs)) / (1.0 - own);
      if (logs[k] - residual <= highest) continue;
      highest = logs[k] - residual;
      found[points_->places[k]] = residual;
    }
  }
  return found;
}

std::vector<std::int64_t> ValleyFit::points_below(double level) const {
  const Valley valley = this->valley();
  const double highest = std::log(valley.least) + std::log1p(level);
  const auto& rows = points_->smoother.at_points();
  const std::vector<double>& x = points_->smoother.places();
  std::vector<std::int64_t> found;
  for (std::size_t k = 0; k < rows.size(); ++k) {
    const bool is_next_to_optimum =
        (k + 1 == x.size() || x[k + 1] > valley.log_rho) && (k == 0 || x[k - 1] < valley.log_rho);
    if (worst_of(rows[k]) <= highest || (members() > 1 && is_next_to_optimum))
      found.push_back(points_->places[k]);
  }
  return found;
}

double ValleyFit::residual(double level) const {
  const std::vector<double> all = residuals();
  double sum = 0.0;
  double count = 0.0;
  for (const std::int64_t i : points_below(level)) {
    sum += all[i] * all[i];
    ++count;
  }
  return count > 0.0 ? std::sqrt(sum / count) : unknown;
}

double ValleyFit::coarsest_step(double level) const {
  const double optimum = valley().log_rho;
  const std::vector<double>& x = points_->smoother.places();
  const std::vector<std::int64_t> low = points_below(level);
  const auto is_low = [&](std::size_t k) {
    return std::binary_search(low.begin(), low.end(), points_->places[k]);
  };
  double widest = 0.0;
  for (std::size_t k = 1; k < x.size(); ++k) {
    const bool holds_optimum = x[k - 1] <= optimum && optimum <= x[k];
    if (holds_optimum || is_low(k - 1) || is_low(k)) widest = std::max(widest, x[k] - x[k - 1]);
  }
  return std::exp(widest);
}

double ValleyFit::log_at(double log_rho, WindowSize window) const {
  return worst_of(points_->smoother.at(log_rho, window));
}

double ValleyFit::log_of_member(std::int64_t member, double log_rho, WindowSize window) const {
  return points_->smoother.at(log_rho, window).times(logs_of(member));
}

std::int64_t ValleyFit::worst_at(double log_rho, WindowSize window) const {
  std::int64_t worst = 0;
  for (std::int64_t member = 1; member < members(); ++member)
    if (log_of_member(member, log_rho, window) > log_of_member(worst, log_rho, window)) worst = member;
  return worst;
}

std::vector<double> ValleyFit::weights_at(double log_rho, WindowSize window) const {
  const ValleySmoother::Row& row = points_->smoother.at(log_rho, window);
  std::vector<double> weights(points_->rhos, 0.0);
  for (std::size_t k = 0; k < row.weights.size(); ++k)
    weights[points_->places[row.first + k]] = row.weights[k];
  return weights;
}

}  // namespace rhosweep::analysis
