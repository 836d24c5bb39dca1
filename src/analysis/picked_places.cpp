#include "picked_places.hpp"

#include "rhosweep/analysis/analysis.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace rhosweep::analysis {

namespace {

/// A point of a moving grid while it stays within one piece: values at the begin of the move and their
/// slopes.
struct MovingPoint {
  double rise = 0.0;
  double rise_slope = 0.0;
  double cost = 0.0;
  double cost_slope = 0.0;
};

/// A part of a piece that can hold a best point, with the values at its begin.
struct LowPart {
  double begin = 0.0;
  double end = 0.0;
  MovingPoint at_begin{};
};

/// Where the rise is at most `level`.
std::vector<LowPart> low_parts(const CostCurve& curve, double level) {
  std::vector<LowPart> found;
  const auto places = curve.places();
  const auto rises = curve.rises();
  const auto costs = curve.costs();
  for (std::int64_t k = 0; k + 1 < curve.size(); ++k) {
    if (std::min(rises[k], rises[k + 1]) > level) continue;
    const double width = places[k + 1] - places[k];
    const double rise_slope = (rises[k + 1] - rises[k]) / width;
    const double cost_slope = (costs[k + 1] - costs[k]) / width;
    const double begin = rises[k] > level ? (level - rises[k]) / rise_slope : 0.0;
    const double end = rises[k + 1] > level ? (level - rises[k]) / rise_slope : width;
    found.push_back({.begin = places[k] + begin,
                     .end = places[k] + end,
                     .at_begin = {.rise = rises[k] + begin * rise_slope,
                                  .rise_slope = rise_slope,
                                  .cost = costs[k] + begin * cost_slope,
                                  .cost_slope = cost_slope}});
  }
  return found;
}

/// The offsets at which a point of the grid enters or leaves one of the parts, with both ends of the move.
std::vector<double> kinks(const std::vector<LowPart>& parts, double spacing) {
  std::vector<double> offsets{spacing};
  for (const LowPart& part : parts)
    for (const double place : {part.begin, part.end}) offsets.push_back(std::fmod(place, spacing));
  std::sort(offsets.begin(), offsets.end());
  const double rounding = 1e-13 * parts.back().end;
  std::vector<double> distinct{0.0};
  for (const double offset : offsets)
    if (offset - distinct.back() > rounding) distinct.push_back(offset);
  return distinct;
}

/// The points that a grid has in these parts while its offset goes from one kink to the next.
void find_points(const std::vector<LowPart>& parts, double spacing, double begin, double end,
                 std::vector<MovingPoint>& points) {
  points.clear();
  const double middle = 0.5 * (begin + end);
  for (const LowPart& part : parts) {
    for (double i = std::ceil((part.begin - middle) / spacing); middle + i * spacing < part.end; ++i) {
      MovingPoint point = part.at_begin;
      const double at = begin + i * spacing - part.begin;
      point.rise += at * point.rise_slope;
      point.cost += at * point.cost_slope;
      points.push_back(point);
    }
  }
}

/// Adds the lower envelope of the points' rises along a move.
void add_envelope(const std::vector<MovingPoint>& points, double move, std::vector<CurvePiece>& into) {
  const auto lowest =
      std::min_element(points.begin(), points.end(), [](const MovingPoint& a, const MovingPoint& b) {
        return a.rise != b.rise ? a.rise < b.rise : a.rise_slope < b.rise_slope;
      });
  const MovingPoint* best = &*lowest;
  for (double at = 0.0; at < move;) {
    // The minimum of lines is concave: the next one falls more steeply, and meets this one first.
    const MovingPoint* next = nullptr;
    double until = move;
    for (const MovingPoint& point : points) {
      if (!(point.rise_slope < best->rise_slope)) continue;
      const double meets = std::max(at, (point.rise - best->rise) / (best->rise_slope - point.rise_slope));
      if (meets < until || (meets == until && next != nullptr && point.rise_slope < next->rise_slope)) {
        until = meets;
        next = &point;
      }
    }
    if (until > at)
      into.push_back({.width = until - at,
                      .rise_begin = best->rise + at * best->rise_slope,
                      .rise_end = best->rise + until * best->rise_slope,
                      .cost_begin = best->cost + at * best->cost_slope,
                      .cost_end = best->cost + until * best->cost_slope});
    if (next == nullptr) break;
    best = next;
    at = until;
  }
}

}  // namespace

std::vector<CurvePiece> picked_places(const CostCurve& curve, double spacing) {
  const Dip dip = curve.dip_at(spacing);
  if (are_all_picked(dip)) return curve.pieces(dip.begin, dip.end);
  // Every grid has a point in the dip, so that no point above its level is the best. Twice the level leaves
  // no gap by rounding.
  const std::vector<LowPart> parts = low_parts(curve, 2.0 * dip.level);
  const std::vector<double> offsets = kinks(parts, spacing);
  std::vector<CurvePiece> found;
  std::vector<MovingPoint> points;
  for (std::size_t k = 0; k + 1 < offsets.size(); ++k) {
    find_points(parts, spacing, offsets[k], offsets[k + 1], points);
    if (!points.empty()) add_envelope(points, offsets[k + 1] - offsets[k], found);
  }
  return found;
}

}  // namespace rhosweep::analysis
