#pragma once

#include "estimate.hpp"
#include "model_fit.hpp"

#include "rhosweep/analysis/statistic.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace rhosweep::analysis {

/// The cost of a tuned stepsize, estimated by other seeds than chose it.
struct HonestBest {
  Estimate error{};                                       ///< e
  double rho = std::numeric_limits<double>::quiet_NaN();  ///< geometric mean of the chosen ρ
  std::string reason{};                                   ///< why there is none; empty if there is one
};

/// The reason of an estimate that one seed or a few decide.
inline constexpr const char* few_seeds_decide = "one seed or a few decide the estimate on other seeds";

/// Cross-fitting over min(8, seeds) folds of the seeds, which are dealt out in increasing order: the other
/// folds' ValleyModel chooses ρ and, of a family, the member that is the worst there; the fold's own costs of
/// that member near that ρ, each moved there along the other folds' curve of the member, are smoothed with
/// the model's weights in log e, as the model does: the estimate is positive. At a kink, where two members
/// are equally bad, both count, in the shares with which the mean of their log e is stationary. So the
/// estimate is neither of the seeds that made a ρ look good nor of those that made a member look bad. The
/// statistic is taken over all seeds' moved costs at each distance from the chosen ρ, before smoothing, so
/// that a quantile stays one of single costs, and the logarithm is of many seeds. The interval resamples the
/// seeds with the choices kept. There is no estimate where one seed or a few decide it: where seed_interval()
/// finds that the resamples fall into two parts, or where leaving out one of the folds, with all choices made
/// anew, moves the estimate out of its interval.
/// @param rhos increasing
/// @param costs by member of a family over which the worst counts: (seeds, ρ), e of each trial, +∞ where it
/// has diverged, NaN where it is missing; at least one member
/// @param seeds distinct
/// @param bootstrap of these seeds
/// @param rounding of the model of all seeds: if it is possible, the interval includes what half the window
/// says
/// @param choosing as `costs`, of another metric that chooses ρ; empty: `costs` does
HonestBest honest_best(std::span<const double> rhos, std::span<const std::vector<double>> costs,
                       std::span<const std::int64_t> seeds, const Statistic& statistic,
                       const Bootstrap& bootstrap, Rounding rounding = Rounding::none,
                       std::span<const std::vector<double>> choosing = {});

}  // namespace rhosweep::analysis
