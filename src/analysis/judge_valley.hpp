#pragma once

#include "estimate.hpp"
#include "model_fit.hpp"

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

namespace rhosweep::analysis {

/// What is asked of a schedule.
struct GridQuestion {
  std::vector<double> ratios{};
  std::vector<double> tolerances{};
  std::vector<double> factors{};  ///< of the best stepsize
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
  /// Of as many log-uniform draws, minus 1; NaN for the reasons of the grid, except that it needs no range
  /// beyond the sweep, and where that is less than one draw.
  double random_mean = std::numeric_limits<double>::quiet_NaN();
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
  std::string reason{};                ///< why there is no optimum; empty if there is one
  bool has_error_below_floor = false;  ///< that is the reason: e is not positive at some ρ
  bool is_at_edge = false;             ///< that is the reason: e may be less beyond the ρ of the sweep
  Estimate rho{};                      ///< of the optimum
  Estimate least{};                    ///< e there, by the seeds that chose it: too small by selection
  double residual = std::numeric_limits<double>::quiet_NaN();  ///< root mean square of log e, leave-one-out
  std::vector<GridAnswer> grids{};                             ///< by ratio, as asked
  std::vector<CrossingAnswer> advice{};                        ///< by tolerance, as asked
  std::vector<Estimate> costs{};  ///< by factor, as asked: e over that of the optimum; NaN beyond the model
  Rounding rounding = Rounding::none;  ///< if it is possible, intervals include what half the window says
};

/// Neighbours farther apart than this cannot be judged.
inline constexpr double coarsest_judged_step = 1.6;

/// The curve of a metric over one grid of ρ, with what resampling the seeds makes of it. Of a family over
/// which the worst counts, the curve of each member.
struct ResampledCurve {
  std::span<const double> errors;  ///< (members, ρ): e of the statistic, +∞ where diverged, NaN where missing
  std::span<const double> resampled;  ///< (resamples, members, ρ)

  std::int64_t resamples() const { return std::ssize(resampled) / std::ssize(errors); }
  std::span<const double> resample(std::int64_t b) const {
    return resampled.subspan(b * std::ssize(errors), errors.size());
  }
};

/// What the grids of a sweep cost.
/// @param rhos increasing
/// @param choosing the metric that chooses the stepsize
/// @param seeds that were resampled
/// @param reported the metric that costs are of; null: the same. Costs are then the reported e at the ρ that
/// is chosen among a grid's, over the reported e at the other metric's optimum, minus 1; they may be negative
ValleyAnswer judge_valley(std::span<const double> rhos, const ResampledCurve& choosing, std::int64_t seeds,
                          const GridQuestion& question, const ResampledCurve* reported = nullptr);

}  // namespace rhosweep::analysis
