#include "cost_curve.hpp"

#include "rhosweep/analysis/analysis.hpp"

#include <algorithm>
#include <cmath>

namespace rhosweep::analysis {

namespace {

double interpolate(double a, double b, double share) {
  return share == 0.0 ? a : share == 1.0 ? b : a + share * (b - a);
}

/// Tolerance for rounding errors of log ρ, in units of the distance between the first two knots.
constexpr double knot_rounding = 1e-6;

/// Returns Valley::rise at a place, interpolated between knots; NaN beyond the ends of the valley.
/// @param place log ρ, relative to the first knot
double rise_at(const Valley& valley, double place) {
  const std::vector<double>& places = valley.places;
  const double rounding = knot_rounding * (places[1] - places[0]);
  if (place < -rounding || place > places.back() + rounding) return unknown;
  place = std::clamp(place, 0.0, places.back());
  const auto after = std::upper_bound(places.begin() + 1, places.end() - 1, place) - places.begin();
  return interpolate(valley.rise[after - 1], valley.rise[after],
                     (place - places[after - 1]) / (places[after] - places[after - 1]));
}

/// Returns the knots of `valley`, and those knots of `other` that lie within the range of `valley`, as log ρ
/// relative to the first knot of `valley`.
std::vector<double> common_knots(const Valley& valley, const Valley& other) {
  std::vector<double> all = valley.places;
  const double first = other.log_rho_first - valley.log_rho_first;
  const double rounding = knot_rounding * (valley.places[1] - valley.places[0]);
  for (const double knot : other.places) {
    const double place = first + knot;
    const auto after = std::lower_bound(valley.places.begin(), valley.places.end(), place - rounding);
    const bool is_known = after != valley.places.end() && *after <= place + rounding;
    if (!is_known && place > 0.0 && place < valley.places.back()) all.push_back(place);
  }
  std::sort(all.begin(), all.end());
  return all;
}

}  // namespace

/// The outer end of an arm, if the Dip reaches up to `level`. An arm is the part of the dip on one side of
/// the optimum.
struct CostCurve::ArmPoint {
  double level = 0.0;
  double place = 0.0;
  double cost = 0.0;
  double beyond = infinite;  ///< the least rise farther from the optimum than `place`
};

Dip between(const Dip& a, const Dip& b, double share) {
  Dip dip{.width = interpolate(a.width, b.width, share),
          .level = interpolate(a.level, b.level, share),
          .begin = interpolate(a.begin, b.begin, share),
          .end = interpolate(a.end, b.end, share),
          .cost_begin = interpolate(a.cost_begin, b.cost_begin, share),
          .cost_end = interpolate(a.cost_end, b.cost_end, share),
          .beyond = a.beyond};
  dip.area = a.area + 0.5 * ((a.cost_begin + dip.cost_begin) * (a.begin - dip.begin) +
                             (a.cost_end + dip.cost_end) * (dip.end - a.end));
  dip.worst = std::isnan(dip.area) ? unknown : std::max({a.worst, dip.cost_begin, dip.cost_end});
  return dip;
}

CostCurve::CostCurve(const Valley& valley)
    : is_own_(true),
      tuned_(valley.least),
      log_rho_first_(valley.log_rho_first),
      log_rho_best_(valley.log_rho),
      below_(valley.below),
      above_(valley.above),
      places_(valley.places),
      rises_(valley.rise),
      costs_(valley.rise) {
  find_dips();
}

CostCurve::CostCurve(const Valley& choosing, const Valley& reported)
    : is_own_(false),
      tuned_(unknown),
      log_rho_first_(choosing.log_rho_first),
      log_rho_best_(choosing.log_rho),
      below_(choosing.below),
      above_(choosing.above),
      places_(common_knots(choosing, reported)) {
  const double shift = choosing.log_rho_first - reported.log_rho_first;
  for (const double place : places_) {
    rises_.push_back(rise_at(choosing, place));
    costs_.push_back(rise_at(reported, place + shift));
  }
  const double at_best = costs_[std::min_element(rises_.begin(), rises_.end()) - rises_.begin()];
  tuned_ = reported.least * (1.0 + at_best);
  for (double& cost : costs_) cost = (cost - at_best) / (1.0 + at_best);
  find_dips();
}

/// Returns the points of the arm towards smaller ρ (direction −1) or larger ρ (1), by increasing distance
/// from the optimum. Their levels do not decrease.
std::vector<CostCurve::ArmPoint> CostCurve::arm(std::int64_t direction) const {
  const std::int64_t best = std::min_element(rises_.begin(), rises_.end()) - rises_.begin();
  const std::int64_t count = direction > 0 ? size() - best : best + 1;
  const auto at = [&](std::int64_t j) { return best + direction * j; };
  // Shape (count + 1): the least rise over each knot of the arm and all knots farther out; +∞ behind the
  // last.
  std::vector<double> least(count + 1, infinite);
  for (std::int64_t j = count - 1; j >= 0; --j) least[j] = std::min(least[j + 1], rises_[at(j)]);
  std::vector<ArmPoint> points{
      {.level = 0.0, .place = places_[best], .cost = costs_[best], .beyond = least[1]}};
  for (std::int64_t j = 1; j < count; ++j) {
    const double level = points.back().level;
    const double inner = rises_[at(j - 1)];
    const double outer = rises_[at(j)];
    // A barrier is a peak of the rise with lower places behind it. The arm jumps from the barrier to the
    // place behind it where the curve is as high again.
    if (inner < level && outer > level) {
      const double share = (level - inner) / (outer - inner);
      points.push_back({.level = level,
                        .place = interpolate(places_[at(j - 1)], places_[at(j)], share),
                        .cost = interpolate(costs_[at(j - 1)], costs_[at(j)], share),
                        .beyond = least[j]});
    }
    // A knot below the level lies in a hollow that the arm jumps over. The hollow extends farther outwards,
    // so the rise at the knot counts in `beyond`.
    points.push_back({.level = std::max(level, outer),
                      .place = places_[at(j)],
                      .cost = costs_[at(j)],
                      .beyond = std::min(least[j + 1], outer < level ? outer : infinite)});
  }
  return points;
}

void CostCurve::find_dips() {
  const std::vector<ArmPoint> left = arm(-1);
  const std::vector<ArmPoint> right = arm(1);
  dips_.reserve(left.size() + right.size());
  std::size_t i = 0;
  std::size_t j = 0;
  double level = 0.0;
  add_dip(left[0], right[0], level);
  const auto next_level = [](const std::vector<ArmPoint>& arm, std::size_t k) {
    return k + 1 < arm.size() ? arm[k + 1].level : infinite;
  };
  /// Returns the point of an arm at `level`, interpolated between points k and k + 1.
  const auto place_at = [&](const std::vector<ArmPoint>& arm, std::size_t k) {
    if (k + 1 == arm.size() || arm[k].level == level) return arm[k];
    const double share = (level - arm[k].level) / (arm[k + 1].level - arm[k].level);
    return ArmPoint{.level = level,
                    .place = interpolate(arm[k].place, arm[k + 1].place, share),
                    .cost = interpolate(arm[k].cost, arm[k + 1].cost, share),
                    .beyond = arm[k].beyond};
  };
  while (i + 1 < left.size() || j + 1 < right.size()) {
    const double left_level = next_level(left, i);
    const double right_level = next_level(right, j);
    level = std::min(left_level, right_level);
    // Advances one arm at a time, even if both arms have a point at this level. Either may jump there, which
    // changes the width but not the level, and each jump needs a dip of its own.
    if (left_level == level)
      ++i;
    else
      ++j;
    add_dip(place_at(left, i), place_at(right, j), level);
  }
}

void CostCurve::add_dip(const ArmPoint& left, const ArmPoint& right, double level) {
  Dip dip{.width = right.place - left.place,
          .level = level,
          .begin = left.place,
          .end = right.place,
          .cost_begin = left.cost,
          .cost_end = right.cost};
  if (dips_.empty()) {
    dip.worst = left.cost;
  } else {
    const Dip end = between(dips_.back(), dip, 1.0);
    dip.worst = end.worst;
    dip.area = end.area;
  }
  dip.beyond = std::min(left.beyond, right.beyond);
  dips_.push_back(dip);
}

Dip CostCurve::dip_at(double width) const {
  const auto after = std::upper_bound(dips_.begin(), dips_.end(), width,
                                      [](double value, const Dip& dip) { return value < dip.width; });
  if (after == dips_.end()) return dips_.back();
  const Dip& before = *(after - 1);
  return between(before, *after, (width - before.width) / (after->width - before.width));
}

std::vector<CurvePiece> CostCurve::pieces(double begin, double end) const {
  std::vector<CurvePiece> found;
  const auto at = [](double x, double from, double to) {
    return std::clamp((x - from) / (to - from), 0.0, 1.0);
  };
  const auto after = std::upper_bound(places_.begin(), places_.end(), begin);
  for (std::int64_t k = std::max<std::int64_t>(0, after - places_.begin() - 1);
       k + 1 < size() && places_[k] < end; ++k) {
    const double from = at(begin, places_[k], places_[k + 1]);
    const double to = at(end, places_[k], places_[k + 1]);
    if (to <= from) continue;
    found.push_back({.width = (to - from) * (places_[k + 1] - places_[k]),
                     .rise_begin = interpolate(rises_[k], rises_[k + 1], from),
                     .rise_end = interpolate(rises_[k], rises_[k + 1], to),
                     .cost_begin = interpolate(costs_[k], costs_[k + 1], from),
                     .cost_end = interpolate(costs_[k], costs_[k + 1], to)});
  }
  return found;
}

double CostCurve::cost_at(double log_rho) const {
  const double place = log_rho - log_rho_first_;
  if (!(place >= 0.0 && place <= width())) return unknown;
  const auto after = std::upper_bound(places_.begin() + 1, places_.end() - 1, place) - places_.begin();
  return interpolate(costs_[after - 1], costs_[after],
                     (place - places_[after - 1]) / (places_[after] - places_[after - 1]));
}

bool CostCurve::encloses(double level) const {
  return (below_ != Bound::sweep || rises_.front() > level) &&
         (above_ != Bound::sweep || rises_.back() > level);
}

Bound CostCurve::met(double level) const {
  if (above_ != Bound::sweep && rises_.back() <= level) return above_;
  return rises_.front() <= level ? below_ : Bound::sweep;
}

}  // namespace rhosweep::analysis
