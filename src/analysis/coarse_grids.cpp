#include "coarse_grids.hpp"

#include <algorithm>
#include <cmath>

namespace rhosweep::analysis {

namespace {

/// How much neighbouring ratios of a geometric grid may differ by rounding of what a user writes.
constexpr double uneven_ratio = 1e-6;

/// The place of the least error among every stride-th, from an offset on; −1 if all are missing.
std::int64_t place_of_best(std::span<const double> errors, std::int64_t offset, std::int64_t stride) {
  std::int64_t best = -1;
  for (std::int64_t i = offset; i < std::ssize(errors); i += stride)
    if (!std::isnan(errors[i]) && (best < 0 || errors[i] < errors[best])) best = i;
  return best;
}

/// (places, resamples): what every place costs over the best one, in every resample; unknown where the best
/// has no positive, finite error.
/// @param errors (resamples, places)
std::vector<double> regrets_at(std::span<const double> errors, std::int64_t places, std::int64_t best) {
  const std::int64_t resamples = std::ssize(errors) / places;
  std::vector<double> regrets(errors.size(), unknown);
  if (best < 0) return regrets;
  for (std::int64_t b = 0; b < resamples; ++b) {
    const auto of_resample = errors.subspan(b * places, places);
    const double least = of_resample[best];
    if (!(least > 0.0) || std::isinf(least)) continue;
    for (std::int64_t i = 0; i < places; ++i) regrets[i * resamples + b] = of_resample[i] / least - 1.0;
  }
  return regrets;
}

/// Over the chosen places, (resamples).
struct Regrets {
  std::vector<double> mean;
  std::vector<double> worst;
};

/// @param regrets (places, resamples)
Regrets over_chosen(std::span<const double> regrets, std::int64_t resamples,
                    std::span<const std::int64_t> chosen) {
  Regrets found{.mean = std::vector(resamples, 0.0),
                .worst = std::vector(resamples, -std::numeric_limits<double>::infinity())};
  for (const std::int64_t place : chosen) {
    for (std::int64_t b = 0; b < resamples; ++b) {
      const double cost = regrets[place * resamples + b];
      found.mean[b] += cost;
      found.worst[b] = std::max(found.worst[b], cost);
    }
  }
  for (std::int64_t b = 0; b < resamples; ++b) {
    found.mean[b] /= static_cast<double>(chosen.size());
    if (std::isnan(found.mean[b])) found.worst[b] = unknown;
  }
  return found;
}

}  // namespace

double geometric_ratio(std::span<const double> rhos) {
  if (rhos.size() < 2) return unknown;
  const double ratio = std::pow(rhos.back() / rhos.front(), 1.0 / static_cast<double>(rhos.size() - 1));
  for (std::size_t i = 1; i < rhos.size(); ++i)
    if (std::abs(rhos[i] / rhos[i - 1] / ratio - 1.0) > uneven_ratio) return unknown;
  return ratio;
}

std::vector<CoarseGrid> coarse_grids(double ratio, std::span<const double> errors,
                                     std::span<const double> resampled) {
  const std::int64_t points = std::ssize(errors);
  const std::int64_t resamples = std::ssize(resampled) / std::max<std::int64_t>(1, points);
  const std::int64_t best = place_of_best(errors, 0, 1);
  const std::vector<double> regrets = regrets_at(errors, points, best);
  const std::vector<double> resampled_regrets = regrets_at(resampled, points, best);
  std::vector<CoarseGrid> grids;
  for (std::int64_t stride = 1; stride < points; ++stride) {
    std::vector<std::int64_t> chosen;
    for (std::int64_t offset = 0; offset < stride; ++offset)
      if (const auto place = place_of_best(errors, offset, stride); place >= 0) chosen.push_back(place);
    const Regrets found = over_chosen(regrets, 1, chosen);
    Regrets again = over_chosen(resampled_regrets, resamples, chosen);
    grids.push_back({.stride = stride,
                     .ratio = std::pow(ratio, static_cast<double>(stride)),
                     .mean_regret = found.mean.front(),
                     .worst_regret = found.worst.front(),
                     .mean_ci = percentile_interval(std::move(again.mean)),
                     .worst_ci = percentile_interval(std::move(again.worst))});
  }
  return grids;
}

Advice advise(std::span<const CoarseGrid> grids, std::int64_t points, double tolerance) {
  Advice advice{.tolerance = tolerance, .of_points = points};
  for (const CoarseGrid& grid : grids) {
    if (!(grid.worst_regret <= tolerance)) continue;
    advice.ratio = grid.ratio;
    advice.grid_points = (points + grid.stride - 1) / grid.stride;
    advice.saved_share = 1.0 - static_cast<double>(advice.grid_points) / static_cast<double>(points);
  }
  return advice;
}

}  // namespace rhosweep::analysis
