#pragma once

#include "estimate.hpp"
#include "model_fit.hpp"

#include "rhosweep/analysis/statistic.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace rhosweep::analysis {

/// The cost of a tuned stepsize, estimated on other seeds than those that chose the stepsize.
struct HonestBest {
  Estimate error{};                                       ///< e
  double rho = std::numeric_limits<double>::quiet_NaN();  ///< geometric mean of the chosen ρ
  std::string reason{};                                   ///< why there is no estimate, or ""
};

/// The reason given where one seed or a few decide the estimate.
inline constexpr const char* few_seeds_decide = "one seed or a few decide the estimate on other seeds";

/// Returns the cross-fitted cost over min(8, seeds) folds; the seeds are dealt out to the folds in increasing
/// order. For each fold, the ValleyModel of the other folds chooses ρ and, in a family, the worst member at
/// this ρ. The fold's own costs of this member at neighbouring ρ are moved to the chosen ρ along the other
/// folds' curve of this member. The model's weights then smooth their logarithms, so the estimate is
/// positive. At a kink, where two members are equally bad, both count, with shares that make the weighted
/// mean of their log e stationary. So the estimate does not use the seeds that made a ρ look good or a member
/// look bad.
///
/// At each distance from the chosen ρ, the statistic is taken over all seeds' moved costs before smoothing.
/// So a quantile remains a quantile of single costs, and the logarithm is of a statistic over many seeds. The
/// interval resamples the seeds and keeps the choices. There is no estimate if one seed or a few decide it:
/// if seed_interval() finds that the resamples fall into two parts, or if leaving out one fold, with all
/// choices made anew, moves the estimate out of its interval.
/// @param rhos increasing
/// @param costs e of each trial, shape (seeds, ρ), for each member of a family of curves, of which the worst
/// counts at each ρ (at least one member); +∞ where a trial has diverged, NaN where it is missing
/// @param seeds distinct
/// @param bootstrap the bootstrap of these seeds
/// @param rounding whether the model of all seeds rounds off the optimum; if it may, the interval also
/// includes the estimate by half the window
/// @param choosing the costs, like `costs`, of another metric that chooses ρ; empty if `costs` chooses
HonestBest honest_best(std::span<const double> rhos, std::span<const std::vector<double>> costs,
                       std::span<const std::int64_t> seeds, const Statistic& statistic,
                       const Bootstrap& bootstrap, Rounding rounding = Rounding::none,
                       std::span<const std::vector<double>> choosing = {});

}  // namespace rhosweep::analysis
