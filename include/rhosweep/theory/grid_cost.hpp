#pragma once

#include "rhosweep/theory/bound_curve.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace rhosweep::theory {

/// The cost of a coarse grid: the least bound ratio among its points ρ = g^(o+i), i = …, −1, 0, 1, …, for a
/// grid of ratio g. It depends on the offset o in [0, 1), where the grid starts. A cost of 1 means no loss.
///
/// As T → ∞, the schedule (1−u)^p with u = t/T has S_k/S_0 = x^(p+1) and Q_k/Q_0 = x^p, where x is the share
/// of steps that are left. So the bound ratio is about 1/(2ρ) far below the tuned stepsize and c ρ^r far
/// above, with r = 1/(2p+1) and c = (2p+1)/(2(p+1)) · ((p+1)/p)^(p/(2p+1)). At the worst offset two
/// neighbours a and g·a of the grid have the same ratio, 1/(2a) = c (g a)^r, so
///   worst = 1/(2a) = ½ (2c)^(1/(1+r)) g^(r/(1+r)),   r/(1+r) = 1/(2p+2).
/// A fixed stepsize has r = 1 (with a factor of ln T), so its cost grows like g^(1/2). For the same worst
/// cost, polynomial(p) allows a ln g that is (2p+2)/2 = p+1 times larger, so it needs p+1 times fewer points
/// than a fixed stepsize. Linear (p = 1) needs half the points, and cosine, which decays like p = 2, a third.
/// This holds for coarse grids. Near the optimum all bound ratios are about 1 + (ln ρ)²/2, so all schedules
/// behave alike.
struct GridCost {
  double worst = 0.0;  ///< the maximum over offsets
  double mean = 0.0;   ///< the mean over uniformly distributed offsets
};

/// Returns the cost of a grid of the given ratio. `worst` is exact up to rounding, `mean` has a relative
/// error of about 10⁻⁶. Both are +∞ for an empty curve. @pre ratio > 1
GridCost grid_cost(const BoundCurve& curve, double ratio);

/// Returns the largest g such that every grid of ratio at most g has a worst cost of at most 1 + tolerance.
/// +∞ if the bound ratio never exceeds 1 + tolerance, because BoundCurve::cap() limits it; NaN for an empty
/// curve. If { ln ρ : ratio ≤ 1 + tolerance } is a single interval, g is the exponential of its width: two
/// neighbours of the grid at the ends of the interval then cost the same. @pre tolerance > 0
double crossing_ratio(const BoundCurve& curve, double tolerance);

/// Returns grid_cost() of a schedule's bound curve over T steps, for every ratio.
/// @pre steps ≥ 1, ratios > 1
std::vector<GridCost> grid_costs(const model::Schedule& schedule, std::int64_t steps,
                                 std::span<const double> ratios);

/// Returns crossing_ratio() of a schedule's bound curve over T steps, for every tolerance.
/// @pre steps ≥ 1, tolerances > 0
std::vector<double> crossing_ratios(const model::Schedule& schedule, std::int64_t steps,
                                    std::span<const double> tolerances);

}  // namespace rhosweep::theory
