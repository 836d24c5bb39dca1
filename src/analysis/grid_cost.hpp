#pragma once

#include "cost_curve.hpp"

#include <array>
#include <limits>

namespace rhosweep::analysis {

/// The cost of the best stepsize of a geometric grid, over all offsets of the grid. Exact for the curve.
struct GridCost {
  double worst = std::numeric_limits<double>::quiet_NaN();
  double mean = std::numeric_limits<double>::quiet_NaN();
  double level = std::numeric_limits<double>::quiet_NaN();  ///< the largest rise of a best stepsize
  /// Whether the curve reaches up to the level on both sides. If not, what lies beyond the sweep could change
  /// the numbers, and they are NaN.
  bool is_judged = false;
};

/// @param ratio of neighbouring stepsizes, above 1
GridCost grid_cost(const CostCurve& curve, double ratio);

/// Returns the quantiles of a judged cost over the offsets, at levels 0, 1/4, 1/2, 3/4 and 1. The last one is
/// GridCost::worst.
std::array<double, 5> cost_quantiles(const CostCurve& curve, double ratio);

/// The least ratio at which a cost is above a tolerance.
struct Crossing {
  double ratio = std::numeric_limits<double>::infinity();   ///< +∞ if the sweep cannot judge it
  double level = std::numeric_limits<double>::quiet_NaN();  ///< as in GridCost, at the ratio
  /// Unless Bound::sweep: the curve ends at diverged trials or a cliff before its cost reaches the tolerance,
  /// so that the ratio is a lower bound.
  Bound bounded_by = Bound::sweep;
};

/// Returns the least ratio at which some offset costs more than the tolerance. Exact for the curve, except
/// where another metric chooses and its curve has several dips below that cost: there ratios are tried in
/// quarters of the lattice's step, or in steps of 3 % of log ratio where these are larger.
Crossing worst_crossing(const CostCurve& curve, double tolerance);

/// Returns the least ratio at which the mean over the offsets is above the tolerance. Where the curve has
/// several dips below the worst cost, ratios are tried in the steps of worst_crossing() and then refined.
Crossing mean_crossing(const CostCurve& curve, double tolerance);

/// The best of some stepsizes drawn log-uniformly from a range.
struct RandomSearch {
  /// Expected cost, given that not all draws lie where trials diverge; NaN if the range goes beyond the
  /// sweep.
  double mean = std::numeric_limits<double>::quiet_NaN();
  double all_diverge = std::numeric_limits<double>::quiet_NaN();  ///< probability
};

/// Exact for the curve: the integral over the distribution of its values.
/// @param low, high ends of the range of ρ. The part beyond a diverged end counts as diverged.
/// @param draws at least 1; a grid of a given ratio has log(high/low)/log(ratio) points on average
RandomSearch random_search(const CostCurve& curve, double low, double high, double draws);

}  // namespace rhosweep::analysis
