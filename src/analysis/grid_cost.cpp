#include "grid_cost.hpp"

#include "crossing.hpp"
#include "distribution.hpp"
#include "picked_places.hpp"

#include "rhosweep/analysis/analysis.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace rhosweep::analysis {

namespace {

/// Tolerance for rounding errors of log ρ, relative to the width of the curve.
constexpr double place_rounding = 1e-9;

}  // namespace

GridCost cost_at_spacing(const CostCurve& curve, double spacing) {
  // With a spacing above the curve's width, some grid has no point on the curve, so its cost counts as +∞.
  if (spacing > curve.width()) return {.worst = infinite, .mean = infinite, .level = infinite};
  const Dip dip = curve.dip_at(spacing);
  if (are_all_picked(dip)) return {.worst = dip.worst, .mean = dip.area / spacing, .level = dip.level};
  GridCost cost{.worst = -infinite, .mean = 0.0, .level = 0.0};
  double width = 0.0;
  for (const CurvePiece& piece : picked_places(curve, spacing)) {
    width += piece.width;
    cost.mean += 0.5 * piece.width * (piece.cost_begin + piece.cost_end);
    cost.worst = std::max({cost.worst, piece.cost_begin, piece.cost_end});
    cost.level = std::max({cost.level, piece.rise_begin, piece.rise_end});
  }
  cost.mean /= width;
  if (std::isnan(cost.mean)) cost.worst = unknown;
  return cost;
}

GridCost grid_cost(const CostCurve& curve, double ratio) {
  GridCost cost = cost_at_spacing(curve, std::log(ratio));
  cost.is_judged = !std::isnan(cost.mean) && curve.encloses(cost.level);
  return cost.is_judged ? cost : GridCost{};
}

std::array<double, 5> cost_quantiles(const CostCurve& curve, double ratio) {
  const double spacing = std::log(ratio);
  std::vector<RankedPiece> pieces;
  const double on_curve = std::min(spacing, curve.width());
  for (const CurvePiece& piece : picked_places(curve, on_curve))
    pieces.push_back({.width = piece.width,
                      .rank_begin = piece.cost_begin,
                      .rank_end = piece.cost_end,
                      .worth_begin = piece.cost_begin,
                      .worth_end = piece.cost_end});
  const Distribution distribution(std::move(pieces));
  std::array<double, 5> quantiles{};
  for (std::size_t q = 0; q < quantiles.size(); ++q) {
    const double share = 0.25 * static_cast<double>(q) * spacing / on_curve;
    quantiles[q] = share <= 1.0 ? distribution.quantile(share) : infinite;
  }
  return quantiles;
}

RandomSearch random_search(const CostCurve& curve, double low, double high, double draws) {
  const double first = std::log(low) - curve.log_rho_first();
  const double last = std::log(high) - curve.log_rho_first();
  const double rounding = place_rounding * curve.width();
  if ((first < -rounding && curve.below() == Bound::sweep) ||
      (last > curve.width() + rounding && curve.above() == Bound::sweep))
    return {};
  std::vector<RankedPiece> pieces;
  for (const CurvePiece& piece : curve.pieces(std::max(first, 0.0), std::min(last, curve.width())))
    pieces.push_back({.width = piece.width,
                      .rank_begin = piece.rise_begin,
                      .rank_end = piece.rise_end,
                      .worth_begin = piece.cost_begin,
                      .worth_end = piece.cost_end});
  const auto least = Distribution(std::move(pieces)).least_of(draws, last - first);
  return {.mean = least.worth, .all_diverge = least.all_miss};
}

}  // namespace rhosweep::analysis
