#pragma once

#include "estimate.hpp"
#include "valley.hpp"

#include <array>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

namespace rhosweep::analysis {

/// What the best stepsize of a geometric grid costs over the optimum of the model: e over the least e, minus
/// 1. Over all offsets of the grid.
struct GridCost {
  double worst = std::numeric_limits<double>::quiet_NaN();
  double mean = std::numeric_limits<double>::quiet_NaN();
  /// Whether the model reaches up to the worst cost on both sides. If not, what lies beyond the sweep could
  /// change the numbers, and they are NaN.
  bool is_judged = false;
};

/// @param ratio of neighbouring stepsizes, above 1
GridCost grid_cost(const Valley& valley, double ratio);

/// The distribution of a judged cost over the offsets: what share s of them costs at most, for s = 0, 1/4,
/// 1/2, 3/4 and 1. The last one is GridCost::worst.
std::array<double, 5> cost_quantiles(const Valley& valley, double ratio);

/// The ratio at which a cost crosses a tolerance.
struct Crossing {
  double ratio = std::numeric_limits<double>::quiet_NaN();  ///< if not judged: what the ratio exceeds
  bool is_judged = false;
  /// The valley ends at diverged trials before its cost reaches the tolerance, so that the ratio is a lower
  /// bound.
  bool is_bounded_by_divergence = false;
};

/// The least ratio at which some offset has a best-of-grid cost above the tolerance. For a valley without
/// further dips that is the ratio of the two ρ at which e is 1 + tolerance times its least value.
Crossing worst_crossing(const Valley& valley, double tolerance);

/// The least ratio at which the mean over the offsets is above the tolerance.
Crossing mean_crossing(const Valley& valley, double tolerance);

/// The best of some stepsizes drawn log-uniformly from a range, over the optimum, minus 1.
struct RandomSearch {
  /// Expectation, given that not all draws lie where trials diverge; NaN if the range goes beyond the sweep.
  double mean = std::numeric_limits<double>::quiet_NaN();
  double all_diverge = std::numeric_limits<double>::quiet_NaN();  ///< probability
};

/// Exact for the model: the integral over the distribution of its values.
/// @param low, high ends of the range of ρ. What of it lies beyond a diverged end counts as diverged.
/// @param draws at least 1: log(high/low)/log(ratio) for as many as a grid of that ratio has on average
RandomSearch random_search(const Valley& valley, double low, double high, double draws);

/// What is asked of a schedule.
struct GridQuestion {
  std::vector<double> ratios{};
  std::vector<double> tolerances{};
};

/// The costs of a grid of one ratio.
struct GridAnswer {
  double ratio = 1.0;
  std::string reason{};             ///< why it is not judged; empty if it is
  std::vector<double> quantiles{};  ///< cost_quantiles; empty if not judged
  Estimate worst{};                 ///< minus 1
  Estimate mean{};                  ///< minus 1
  Estimate worst_error{};           ///< e: absolute, without the floor
  Estimate mean_error{};
  double random_mean = std::numeric_limits<double>::quiet_NaN();  ///< of as many log-uniform draws, minus 1
  double random_all_diverge = std::numeric_limits<double>::quiet_NaN();
};

/// How coarse a grid keeps to a tolerance.
struct CrossingAnswer {
  double tolerance = 0.0;
  Estimate ratio{};       ///< at which the worst cost crosses it; the interval's high end may be +∞
  Estimate mean_ratio{};  ///< at which the mean cost crosses it; NaN if that is beyond the sweep
  double advised = std::numeric_limits<double>::quiet_NaN();  ///< the low end of the interval of `ratio`
  std::string reason{};  ///< why nothing is advised; empty if something is
  std::string remark{};  ///< what a reader should know beside the advice; may be empty
};

/// All that the model of one schedule says.
struct ValleyAnswer {
  std::string reason{};  ///< why there is no optimum; empty if there is one
  Estimate rho{};        ///< of the optimum
  Estimate least{};      ///< e there, by the seeds that chose it: too small by selection
  double residual = std::numeric_limits<double>::quiet_NaN();  ///< root mean square of log e, leave-one-out
  std::vector<GridAnswer> grids{};                             ///< by ratio, as asked
  std::vector<CrossingAnswer> advice{};                        ///< by tolerance, as asked
};

/// Neighbours farther apart than this cannot be judged.
inline constexpr double coarsest_judged_step = 1.6;

/// Why the sweep's own grid cannot judge costs up to `level`; empty if it can.
/// @param errors (ρ) that `model` fits
std::string reason_of_step(const ValleyModel& model, std::span<const double> errors, double level);

/// @param rhos increasing
/// @param errors (ρ): e of the statistic, +∞ where diverged, NaN where missing
/// @param resampled (resamples, ρ): the same in every resample of the seeds
/// @param seeds that were resampled
ValleyAnswer judge_valley(std::span<const double> rhos, std::span<const double> errors,
                          std::span<const double> resampled, std::int64_t seeds,
                          const GridQuestion& question);

}  // namespace rhosweep::analysis
