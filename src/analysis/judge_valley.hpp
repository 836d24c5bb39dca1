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

/// The costs of grids of one ratio, over all offsets of the grid. Here e is the error at a grid's best
/// stepsize, and e* the error at the optimum.
struct GridAnswer {
  double ratio = 1.0;
  std::string reason{};             ///< why the grid's costs are unknown, or ""
  std::vector<double> quantiles{};  ///< cost_quantiles() of the grid; empty if there is a `reason`
  Estimate worst{};                 ///< largest e over the offsets, divided by e*, minus 1
  Estimate mean{};                  ///< mean e over the offsets, divided by e*, minus 1
  Estimate worst_error{};           ///< largest e over the offsets
  Estimate mean_error{};            ///< mean e over the offsets
  /// What random search with as many draws as the grid has points costs on average, minus 1. NaN for less
  /// than one draw, and if there is a `reason` other than beyond_the_sweep.
  double random_mean = std::numeric_limits<double>::quiet_NaN();
  double random_all_diverge = std::numeric_limits<double>::quiet_NaN();
};

/// How coarse a grid may be if its cost has to stay within a tolerance.
struct CrossingAnswer {
  double tolerance = 0.0;
  Estimate ratio{};       ///< ratio where the worst cost crosses the tolerance; the interval may end at +∞
  Estimate mean_ratio{};  ///< the same for the mean cost; NaN if that ratio is beyond the sweep
  double advised = std::numeric_limits<double>::quiet_NaN();  ///< the low end of the interval of `ratio`
  std::string reason{};                                       ///< why nothing is advised, or ""
  std::string remark{};                                       ///< a caveat to the advice, or ""
};

/// All results from the model of one schedule.
struct ValleyAnswer {
  std::string reason{};                ///< why there is no optimum, or ""
  bool has_error_below_floor = false;  ///< whether the reason is that e is not positive at some ρ
  bool is_at_edge = false;             ///< whether the reason is that e may be less beyond the sweep
  Estimate rho{};                      ///< ρ of the optimum
  Estimate least{};                    ///< e at `rho`, biased low because the same seeds chose `rho`
  double residual = std::numeric_limits<double>::quiet_NaN();  ///< RMS of leave-one-out residuals of log e
  std::vector<GridAnswer> grids{};                             ///< one for each ratio asked for
  std::vector<CrossingAnswer> advice{};                        ///< one for each tolerance asked for
  /// For each factor: e at this multiple of the best ρ, divided by e at the best ρ; NaN beyond the model.
  std::vector<Estimate> costs{};
  Rounding rounding = Rounding::none;  ///< if not none, intervals include the numbers by half the window
};

/// Grid costs are unknown if neighbouring measured ρ near the optimum are farther apart than this factor.
inline constexpr double coarsest_judged_step = 1.6;

/// The curve of a metric over one grid of ρ, and its resamples over the seeds. If the worst over an axis
/// counts, each point of the axis has its own curve, a member of the family of curves.
struct ResampledCurve {
  std::span<const double> errors;  ///< (members, ρ): the statistic's e; +∞ where diverged, NaN where missing
  std::span<const double> resampled;  ///< (resamples, members, ρ): the statistic's e in every resample

  std::int64_t resamples() const { return std::ssize(resampled) / std::ssize(errors); }
  std::span<const double> resample(std::int64_t b) const {
    return resampled.subspan(b * std::ssize(errors), errors.size());
  }
};

/// Returns the costs of grids and stepsizes under one schedule, by a smooth model of its curve.
/// @param rhos increasing
/// @param choosing the metric that chooses the stepsize
/// @param seeds number of seeds that were resampled
/// @param reported the metric whose costs are returned; nullptr means `choosing`. For another metric, a cost
/// is its e at the ρ that `choosing` picks from a grid, divided by its e at the optimum of `choosing`, minus
/// 1; it may be negative
ValleyAnswer judge_valley(std::span<const double> rhos, const ResampledCurve& choosing, std::int64_t seeds,
                          const GridQuestion& question, const ResampledCurve* reported = nullptr);

}  // namespace rhosweep::analysis
