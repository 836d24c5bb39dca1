#pragma once

#include "estimate.hpp"
#include "model_fit.hpp"

#include "rhosweep/analysis/statistic.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace rhosweep::analysis {

/// The error at the tuned stepsize, estimated on other seeds than those that chose the stepsize.
struct HonestBest {
  Estimate error{};                                       ///< e at the chosen ρ
  double rho = std::numeric_limits<double>::quiet_NaN();  ///< geometric mean of the folds' chosen ρ
  std::string reason{};                                   ///< why there is no estimate, or ""
};

/// The reason given where one seed or a few decide the estimate.
inline constexpr const char* few_seeds_decide = "one seed or a few decide the estimate on other seeds";

/// Returns the cross-fitted error e over min(8, seeds) folds; the seeds are dealt out to the folds in
/// increasing order. For each fold, the ValleyModel of the other folds chooses ρ and, in a family, the worst
/// member at this ρ. The fold's own e of this member, at the ρ of the grid around the chosen ρ, are moved to
/// the chosen ρ along the curve that this member has in the other folds. At each distance from the chosen ρ,
/// in points of the grid, the statistic is taken of the moved e of all seeds. The model's weights smooth the
/// logarithms of these statistics over the distances, so the estimate is positive. At a kink, where two
/// members are equally bad, both count; their shares are such that the weighted mean of their log e has slope
/// 0 there. So no seed estimates e at a ρ, or of a member, that it helped to choose.
///
/// Because the statistic comes before the smoothing, a quantile is a quantile of the e of single trials, and
/// the logarithms are of statistics over many seeds. The interval comes from resamples of the seeds, with the
/// same choices of ρ and members. There is no estimate if one seed or a few decide it: if seed_interval()
/// finds that the resamples fall into two parts, or if leaving out one fold, with all choices made anew,
/// moves the estimate out of its interval.
/// @param rhos increasing
/// @param costs for each member of the family, e of its trials, shape (seeds, ρ); a single curve is a family
/// of one member; +∞ where a trial has diverged, NaN where it is missing
/// @param seeds distinct
/// @param bootstrap the bootstrap of these seeds
/// @param rounding whether the model of all seeds rounds off the optimum; if it may, the interval also
/// includes the estimate with WindowSize::half
/// @param choosing the same as `costs` for another metric, which chooses ρ; empty if the metric of `costs`
/// chooses
HonestBest honest_best(std::span<const double> rhos, std::span<const std::vector<double>> costs,
                       std::span<const std::int64_t> seeds, const Statistic& statistic,
                       const Bootstrap& bootstrap, Rounding rounding = Rounding::none,
                       std::span<const std::vector<double>> choosing = {});

}  // namespace rhosweep::analysis
