#pragma once

#include "cost_curve.hpp"

#include <array>
#include <limits>

namespace rhosweep::analysis {

/// The worst and the mean cost of the best stepsize of a geometric grid, over all offsets of the grid. They
/// are exact for a given curve.
struct GridCost {
  double worst = std::numeric_limits<double>::quiet_NaN();
  double mean = std::numeric_limits<double>::quiet_NaN();
  double level = std::numeric_limits<double>::quiet_NaN();  ///< largest rise of the best stepsize
  /// Whether the curve encloses all places with a rise up to `level`. If it does not, costs beyond the sweep
  /// could change the numbers, so they are NaN.
  bool is_judged = false;
};

/// Returns the cost of grids of one ratio; NaN if costs beyond the curve's ends could change it.
/// @param ratio the ratio of neighbouring stepsizes, above 1
GridCost grid_cost(const CostCurve& curve, double ratio);

/// Returns the quantiles of the cost of grids of one ratio, over all offsets of the grid, at levels 0, 1/4,
/// 1/2, 3/4 and 1. The last one is GridCost::worst. @pre GridCost::is_judged holds at this ratio
std::array<double, 5> cost_quantiles(const CostCurve& curve, double ratio);

/// The least ratio at which a cost is above a tolerance.
struct Crossing {
  double ratio = std::numeric_limits<double>::infinity();   ///< +∞ if it may lie beyond the sweep
  double level = std::numeric_limits<double>::quiet_NaN();  ///< GridCost::level at the ratio
  /// What ends the curve before its cost reaches the tolerance: diverged trials or a cliff. The ratio is then
  /// a lower bound. Bound::sweep means that there is no such end.
  Bound bounded_by = Bound::sweep;
};

/// Returns the least ratio at which the cost at some offset exceeds the tolerance. It is exact for the curve,
/// unless the metric that chooses stepsizes is not the reported one and, at a ratio below the crossing, some
/// grid's best stepsize lies outside the dip of width log(ratio). Then ratios are tried in steps of a quarter
/// of the mean distance between knots, or of 3 % of the log ratio if that is larger.
Crossing worst_crossing(const CostCurve& curve, double tolerance);

/// Returns the least ratio at which the mean over the offsets is above the tolerance. If, at a ratio below
/// the crossing, some grid's best stepsize lies outside the dip of width log(ratio), ratios are tried in the
/// steps of worst_crossing(), and then within the step that holds the crossing.
Crossing mean_crossing(const CostCurve& curve, double tolerance);

/// The result of drawing some stepsizes log-uniformly from a range and taking the best of them.
struct RandomSearch {
  /// Expected cost, given that not all draws lie where trials diverge; NaN if the range goes beyond the
  /// sweep.
  double mean = std::numeric_limits<double>::quiet_NaN();
  double all_diverge = std::numeric_limits<double>::quiet_NaN();  ///< probability that all draws diverge
};

/// Returns the result of random search, as an integral over the distribution of the curve's values.
/// @param low, high the ends of the range of ρ; where the curve ends because trials diverge, the part of the
/// range beyond this end counts as diverged
/// @param draws the number of draws, at least 1 and not always whole: a grid of a given ratio has on average
/// log(high/low)/log(ratio) points
RandomSearch random_search(const CostCurve& curve, double low, double high, double draws);

}  // namespace rhosweep::analysis
