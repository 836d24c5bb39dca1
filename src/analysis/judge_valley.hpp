#pragma once

#include "estimate.hpp"
#include "model_fit.hpp"

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

namespace rhosweep::analysis {

/// The grids and stepsizes whose costs are asked for.
struct GridQuestion {
  std::vector<double> ratios{};
  std::vector<double> tolerances{};
  std::vector<double> factors{};  ///< stepsizes as multiples of the best one
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
  /// Cost of as many log-uniform draws as the grid has points, minus 1. NaN where the grid is not judged,
  /// except for lack of range, and for less than one draw.
  double random_mean = std::numeric_limits<double>::quiet_NaN();
  double random_all_diverge = std::numeric_limits<double>::quiet_NaN();
};

/// How coarse a grid may be within a tolerance.
struct CrossingAnswer {
  double tolerance = 0.0;
  Estimate ratio{};       ///< where the worst cost crosses the tolerance; its interval's high end may be +∞
  Estimate mean_ratio{};  ///< where the mean cost crosses the tolerance; NaN if beyond the sweep
  double advised = std::numeric_limits<double>::quiet_NaN();  ///< the low end of the interval of `ratio`
  std::string reason{};  ///< why nothing is advised; empty if something is
  std::string remark{};  ///< a caveat to the advice; may be empty
};

/// All results from the model of one schedule.
struct ValleyAnswer {
  std::string reason{};                ///< why there is no optimum; empty if there is one
  bool has_error_below_floor = false;  ///< whether the reason is that e is not positive at some ρ
  bool is_at_edge = false;             ///< whether the reason is that e may be less beyond the sweep
  Estimate rho{};                      ///< of the optimum
  Estimate least{};                    ///< e there, by the seeds that chose it: biased low by selection
  double residual = std::numeric_limits<double>::quiet_NaN();  ///< root mean square of log e, leave-one-out
  std::vector<GridAnswer> grids{};                             ///< by ratio, as asked
  std::vector<CrossingAnswer> advice{};                        ///< by tolerance, as asked
  std::vector<Estimate> costs{};       ///< by factor, as asked: e over e of the optimum; NaN beyond the model
  Rounding rounding = Rounding::none;  ///< if possible, intervals include the numbers by half the window
};

/// Neighbours farther apart than this cannot be judged.
inline constexpr double coarsest_judged_step = 1.6;

/// The curve of a metric over one grid of ρ, and its resamples over the seeds. A family over which the worst
/// counts has a curve for each member.
struct ResampledCurve {
  std::span<const double> errors;  ///< (members, ρ): e of the statistic, +∞ where diverged, NaN where missing
  std::span<const double> resampled;  ///< (resamples, members, ρ)

  std::int64_t resamples() const { return std::ssize(resampled) / std::ssize(errors); }
  std::span<const double> resample(std::int64_t b) const {
    return resampled.subspan(b * std::ssize(errors), errors.size());
  }
};

/// Returns the costs of grids over a sweep's range, by a smooth model of its curve.
/// @param rhos increasing
/// @param choosing the metric that chooses the stepsize
/// @param seeds number of seeds that were resampled
/// @param reported the metric that costs are of; null: `choosing`. With another metric, a cost is its e at
/// the ρ that `choosing` takes from a grid, over its e at the optimum of `choosing`, minus 1; it may be
/// negative
ValleyAnswer judge_valley(std::span<const double> rhos, const ResampledCurve& choosing, std::int64_t seeds,
                          const GridQuestion& question, const ResampledCurve* reported = nullptr);

}  // namespace rhosweep::analysis
