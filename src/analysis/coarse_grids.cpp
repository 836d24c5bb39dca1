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

struct Regret {
  double mean = unknown;
  double worst = unknown;
};

/// Of the chosen places, against the best one.
Regret regret(std::span<const double> errors, std::int64_t best, std::span<const std::int64_t> chosen) {
  if (chosen.empty() || best < 0 || !(errors[best] > 0.0) || std::isinf(errors[best])) return {};
  double sum = 0.0;
  double worst = -std::numeric_limits<double>::infinity();
  for (const std::int64_t place : chosen) {
    const double cost = errors[place] / errors[best] - 1.0;
    sum += cost;
    worst = std::max(worst, cost);
  }
  return {.mean = sum / static_cast<double>(chosen.size()), .worst = worst};
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
  std::vector<CoarseGrid> grids;
  for (std::int64_t stride = 1; stride < points; ++stride) {
    std::vector<std::int64_t> chosen;
    for (std::int64_t offset = 0; offset < stride; ++offset)
      if (const auto place = place_of_best(errors, offset, stride); place >= 0) chosen.push_back(place);
    const Regret found = regret(errors, best, chosen);
    std::vector<double> means;
    std::vector<double> worsts;
    for (std::int64_t b = 0; b < resamples; ++b) {
      const Regret again = regret(resampled.subspan(b * points, points), best, chosen);
      means.push_back(again.mean);
      worsts.push_back(again.worst);
    }
    grids.push_back({.stride = stride,
                     .ratio = std::pow(ratio, static_cast<double>(stride)),
                     .mean_regret = found.mean,
                     .worst_regret = found.worst,
                     .mean_ci = percentile_interval(std::move(means)),
                     .worst_ci = percentile_interval(std::move(worsts))});
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
