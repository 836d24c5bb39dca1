#include "picked_places.hpp"

#include "rhosweep/analysis/analysis.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace rhosweep::analysis {

namespace {

/// The rise and the cost at a point of a grid, and their slopes while the grid moves along a linear piece of
/// the curve.
struct MovingPoint {
  double rise = 0.0;
  double rise_slope = 0.0;
  double cost = 0.0;
  double cost_slope = 0.0;

  MovingPoint after(double move) const {
    return {rise + move * rise_slope, rise_slope, cost + move * cost_slope, cost_slope};
  }
};

/// A range of a grid's offsets over which one point of the grid moves along a linear piece of the curve where
/// the rise is low.
struct Arc {
  double begin = 0.0;
  double end = 0.0;
  MovingPoint at_begin{};
};

/// Adds the arcs of the part of a linear piece from `begin` to `end`, one for each point of the grid that
/// enters this part.
void add_arcs(double begin, double end, const MovingPoint& at_begin, double spacing, std::vector<Arc>& arcs) {
  for (double shift = std::floor(begin / spacing) * spacing; shift < end; shift += spacing) {
    const double first = std::max(begin - shift, 0.0);
    const double last = std::min(end - shift, spacing);
    if (first < last)
      arcs.push_back({.begin = first, .end = last, .at_begin = at_begin.after(first + shift - begin)});
  }
}

/// Returns the arcs where the rise is at most `level`, by increasing begin.
std::vector<Arc> low_arcs(const CostCurve& curve, double level, double spacing) {
  std::vector<Arc> arcs;
  const auto places = curve.places();
  const auto rises = curve.rises();
  const auto costs = curve.costs();
  for (std::int64_t k = 0; k + 1 < curve.size(); ++k) {
    if (std::min(rises[k], rises[k + 1]) > level) continue;
    const double width = places[k + 1] - places[k];
    const MovingPoint at_knot{.rise = rises[k],
                              .rise_slope = (rises[k + 1] - rises[k]) / width,
                              .cost = costs[k],
                              .cost_slope = (costs[k + 1] - costs[k]) / width};
    const double crossing = (level - rises[k]) / at_knot.rise_slope;
    const double begin = rises[k] > level ? crossing : 0.0;
    const double end = rises[k + 1] > level ? crossing : width;
    add_arcs(places[k] + begin, places[k] + end, at_knot.after(begin), spacing, arcs);
  }
  std::sort(arcs.begin(), arcs.end(), [](const Arc& a, const Arc& b) { return a.begin < b.begin; });
  return arcs;
}

/// Returns, in increasing order, the offsets at which arcs begin or end, and the ends of the range of
/// offsets, 0 and `spacing`.
std::vector<double> kinks(const std::vector<Arc>& arcs, double spacing, double rounding) {
  std::vector<double> offsets{spacing};
  for (const Arc& arc : arcs) offsets.insert(offsets.end(), {arc.begin, arc.end});
  std::sort(offsets.begin(), offsets.end());
  std::vector<double> distinct{0.0};
  for (const double offset : offsets)
    if (offset - distinct.back() > rounding) distinct.push_back(offset);
  return distinct;
}

/// Adds the pieces of the lower envelope of the points' rises while the grid moves by `move`.
void add_envelope(const std::vector<MovingPoint>& points, double move, std::vector<CurvePiece>& into) {
  const auto lowest =
      std::min_element(points.begin(), points.end(), [](const MovingPoint& a, const MovingPoint& b) {
        return a.rise != b.rise ? a.rise < b.rise : a.rise_slope < b.rise_slope;
      });
  const MovingPoint* best = &*lowest;
  for (double at = 0.0; at < move;) {
    // The rises are linear in the offset, so the slope of their minimum only decreases. The next lowest line
    // is therefore, among the lines that fall more steeply than the current line, the first to meet it.
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
  // Every grid has a point in the dip, so a point above the dip's level is never the best. The level is
  // raised a little so that rounding leaves no gap between the arcs.
  const std::vector<Arc> arcs = low_arcs(curve, (1.0 + 1e-6) * dip.level, spacing);
  const double rounding = 1e-13 * curve.width();
  const std::vector<double> offsets = kinks(arcs, spacing, rounding);
  std::vector<CurvePiece> found;
  std::vector<const Arc*> active;
  std::vector<MovingPoint> points;
  auto next = arcs.begin();
  for (std::size_t k = 0; k + 1 < offsets.size(); ++k) {
    const double middle = 0.5 * (offsets[k] + offsets[k + 1]);
    for (; next != arcs.end() && next->begin < middle; ++next) active.push_back(&*next);
    std::erase_if(active, [middle](const Arc* arc) { return arc->end < middle; });
    points.clear();
    for (const Arc* const arc : active) points.push_back(arc->at_begin.after(offsets[k] - arc->begin));
    if (!points.empty()) add_envelope(points, offsets[k + 1] - offsets[k], found);
  }
  return found;
}

}  // namespace rhosweep::analysis
