#include "rhosweep/theory/grid_cost.hpp"

#include "rhosweep/core/elementary.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace rhosweep::theory {

namespace {

using Interval = BoundCurve::Interval;

/// Number of grid offsets over which mean_cost() averages by the midpoint rule.
constexpr int offsets = 4096;

/// Returns whether every grid of points `spacing` apart in ln ρ has a point in at least one of the intervals.
/// This is so if the intervals, wrapped around a circle of circumference `spacing`, cover the circle.
bool meets_every_grid(const std::vector<Interval>& intervals, double spacing) {
  std::vector<Interval> wrapped;
  for (const Interval& interval : intervals) {
    const double width = interval.to - interval.from;
    if (width >= spacing) return true;
    const double from = interval.from - spacing * std::floor(interval.from / spacing);
    wrapped.push_back({.from = from, .to = from + width});
    wrapped.push_back({.from = from - spacing, .to = from - spacing + width});
  }
  std::sort(wrapped.begin(), wrapped.end(),
            [](const Interval& a, const Interval& b) { return a.from < b.from; });
  double covered = 0.0;
  for (const Interval& interval : wrapped)
    if (interval.from <= covered) covered = std::max(covered, interval.to);
  return covered >= spacing;
}

/// Returns the largest bound ratio that the best point of a grid with this spacing can have: the least level
/// at which meets_every_grid() holds, by bisection down to the last bit.
double worst_cost(const BoundCurve& curve, double spacing) {
  double below = 1.0;
  double reached = curve.cap();
  while (true) {
    const double middle = below + (reached - below) / 2;
    if (middle <= below || middle >= reached) return reached;
    (meets_every_grid(curve.at_most(middle), spacing) ? reached : below) = middle;
  }
}

/// Returns the mean cost of grids with the given spacing: the bound ratio at a grid's best point, averaged
/// over the offsets of the grid. `worst` is the worst cost at this spacing.
double mean_cost(const BoundCurve& curve, double spacing, double worst) {
  // Every grid has a point with a ratio of at most the worst cost, so only points in these intervals matter.
  const std::vector<Interval> intervals = curve.at_most(worst);
  if (intervals.empty()) return worst;
  const double begin = intervals.front().from;
  double sum = 0.0;
  for (int i = 0; i < offsets; ++i) {
    double least = worst;
    for (double x = begin + spacing * ((i + 0.5) / offsets); x <= intervals.back().to; x += spacing)
      least = std::min(least, curve.at(core::elementary::exp(x)).ratio);
    sum += least;
  }
  return sum / offsets;
}

/// Returns answer(curve, number) for each of the numbers.
template <class Answer>
std::vector<Answer> for_each(std::span<const double> numbers, const BoundCurve& curve,
                             Answer (*answer)(const BoundCurve&, double)) {
  std::vector<Answer> answers;
  answers.reserve(numbers.size());
  for (const double number : numbers) answers.push_back(answer(curve, number));
  return answers;
}

}  // namespace

GridCost grid_cost(const BoundCurve& curve, double ratio) {
  if (curve.empty())
    return {.worst = std::numeric_limits<double>::infinity(),
            .mean = std::numeric_limits<double>::infinity()};
  const double spacing = core::elementary::log(ratio);
  const double worst = worst_cost(curve, spacing);
  return {.worst = worst, .mean = mean_cost(curve, spacing, worst)};
}

double crossing_ratio(const BoundCurve& curve, double tolerance) {
  if (curve.empty()) return std::numeric_limits<double>::quiet_NaN();
  if (1.0 + tolerance >= curve.cap()) return std::numeric_limits<double>::infinity();
  const std::vector<Interval> intervals = curve.at_most(1.0 + tolerance);
  double widest = 0.0;
  for (const Interval& interval : intervals) widest = std::max(widest, interval.to - interval.from);
  if (intervals.size() == 1) return core::elementary::exp(widest);
  // As the spacing grows, a grid that misses all intervals can appear only at certain spacings: a distance
  // between two interval ends divided by an integer. The result is the first of these spacings beyond which
  // there is such a grid.
  std::vector<double> changes{widest};
  for (const Interval& a : intervals) {
    for (const Interval& b : intervals) {
      for (const double distance : {b.to - a.from, b.from - a.from, b.from - a.to, b.to - a.to})
        for (int parts = 1; distance / parts > widest; ++parts) changes.push_back(distance / parts);
    }
  }
  std::sort(changes.begin(), changes.end());
  for (std::size_t i = 0; i + 1 < changes.size(); ++i)
    if (!meets_every_grid(intervals, (changes[i] + changes[i + 1]) / 2))
      return core::elementary::exp(changes[i]);
  return core::elementary::exp(changes.back());
}

std::vector<GridCost> grid_costs(const model::Schedule& schedule, std::int64_t steps,
                                 std::span<const double> ratios) {
  return for_each(ratios, BoundCurve(schedule, steps), grid_cost);
}

std::vector<double> crossing_ratios(const model::Schedule& schedule, std::int64_t steps,
                                    std::span<const double> tolerances) {
  return for_each(tolerances, BoundCurve(schedule, steps), crossing_ratio);
}

}  // namespace rhosweep::theory
