#include "crossing.hpp"

#include "picked_places.hpp"

#include "rhosweep/analysis/analysis.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <boost/math/tools/toms748_solve.hpp>

namespace rhosweep::analysis {

namespace {

/// The step of search(), which is used where there is no formula: the curve's width divided by its number of
/// knots and by search_steps, or, if larger, search_growth times the spacing reached.
constexpr double search_steps = 4.0;
constexpr double search_growth = 0.03;

/// How precisely search() finds a spacing, relative to the curve's width.
constexpr double search_accuracy = 1e-13;

Crossing crossing_at(const CostCurve& curve, double spacing, double level) {
  if (!curve.encloses(level)) return {};
  return {.ratio = std::exp(spacing), .level = level, .bounded_by = curve.met(level)};
}

/// Returns the crossing at the curve's width. At larger spacings, some grid has no point on the curve, so no
/// tolerance is met.
Crossing crossing_at_end(const CostCurve& curve) {
  return crossing_at(curve, curve.width(), curve.dips().back().level);
}

/// Returns the t in [0, 1] at which c + b·t + a·t² becomes positive; nothing if it does not.
/// @param c at most 0, up to rounding
std::optional<double> root_upwards(double a, double b, double c) {
  c = std::min(c, 0.0);
  const double scale = std::max({std::abs(a), std::abs(b), std::abs(c)});
  if (scale == 0.0) return std::nullopt;
  a /= scale;
  b /= scale;
  c /= scale;
  const double square = b * b - 4.0 * a * c;
  if (square < 0.0 || (b <= 0.0 && a <= 0.0)) return std::nullopt;
  const double root = b > 0.0 ? -2.0 * c / (b + std::sqrt(square)) : 0.5 * (std::sqrt(square) - b) / a;
  return root <= 1.0 ? std::optional(root) : std::nullopt;
}

/// Returns the position between dips `a` (0) and `b` (1) from which on the cost at one of the dip's ends
/// exceeds the tolerance; nothing if it does not.
std::optional<double> worst_exceeds(const Dip& a, const Dip& b, double tolerance) {
  std::optional<double> share;
  const auto at_end = [&](double from, double to) {
    if (!(to > tolerance)) return;
    const double found = from >= tolerance ? 0.0 : (tolerance - from) / (to - from);
    share = std::min(share.value_or(1.0), found);
  };
  at_end(a.cost_begin, b.cost_begin);
  at_end(a.cost_end, b.cost_end);
  return share;
}

/// Returns the position between dips `a` (0) and `b` (1) from which on the mean cost over the dip exceeds the
/// tolerance; nothing if it does not. Between the dips, Dip::area is quadratic in the position and the width
/// is linear, so the position solves a quadratic equation.
std::optional<double> mean_exceeds(const Dip& a, const Dip& b, double tolerance) {
  const double left = a.begin - b.begin;
  const double right = b.end - a.end;
  const double linear = left * a.cost_begin + right * a.cost_end;
  const double square = 0.5 * (left * (b.cost_begin - a.cost_begin) + right * (b.cost_end - a.cost_end));
  return root_upwards(square, linear - tolerance * (left + right), a.area - tolerance * a.width);
}

/// The result of walk(): the crossing, that is, the least spacing at which a cost exceeds the tolerance, or
/// the spacing at which the walk ends without finding it.
struct Walk {
  double spacing = 0.0;
  double level = 0.0;
  bool is_crossing = false;  ///< false: the crossing is yet to be found, at this spacing or a larger one
  bool is_known = true;      ///< false: the cost is unknown from this spacing on
};

/// Walks along the dips by increasing width, which is the spacing of the grids. While the best point of every
/// grid lies in the dip, the cost in the dip is the cost of the grids, and the crossing is where it exceeds
/// the tolerance. If the best point of some grid lies outside the dip before that, the walk ends without the
/// crossing: with two metrics at once, with a single metric only where the cost in the dip exceeds the
/// tolerance, because places outside the dip only lower the cost.
template <class Exceeds>
Walk walk(const CostCurve& curve, double tolerance, const Exceeds& exceeds) {
  const std::vector<Dip>& dips = curve.dips();
  bool is_whole = true;
  for (std::size_t k = 0; k + 1 < dips.size(); ++k) {
    const Dip& here = dips[k];
    const Dip& next = dips[k + 1];
    if (std::isnan(next.area)) return {.spacing = here.width, .is_known = false};
    const auto share = exceeds(here, next, tolerance);
    if (here.beyond < next.level && is_whole) {
      is_whole = false;
      const double until =
          here.beyond <= here.level ? 0.0 : (here.beyond - here.level) / (next.level - here.level);
      is_whole = share && *share <= until;
      if (!curve.is_own() && !is_whole) return {.spacing = between(here, next, until).width};
    }
    if (!share) continue;
    const Dip dip = between(here, next, *share);
    return {.spacing = dip.width, .level = dip.level, .is_crossing = is_whole};
  }
  return {.spacing = curve.width(), .level = dips.back().level, .is_crossing = true};
}

/// Searches upwards from `begin` for the spacing at which the worst or the mean cost (`which`) exceeds the
/// tolerance: first in steps, then within the step at which it does.
Crossing search(const CostCurve& curve, double begin, double tolerance, double GridCost::*which) {
  const auto excess = [&](double spacing) { return cost_at_spacing(curve, spacing).*which - tolerance; };
  const double step = curve.width() / (search_steps * static_cast<double>(curve.size()));
  double low = begin;
  double at_low = -tolerance;
  double high = begin > 0.0 ? begin : step;
  double at_high = 0.0;
  while (true) {
    at_high = excess(high);
    if (std::isnan(at_high)) return {};
    if (at_high > 0.0) break;
    if (high >= curve.width()) return crossing_at_end(curve);
    low = high;
    at_low = at_high;
    high = std::min(high + std::max(step, search_growth * high), curve.width());
  }
  if (at_low < 0.0 && low < high) {
    const auto is_close = [&](double a, double b) { return b - a <= search_accuracy * curve.width(); };
    std::uintmax_t evaluations = 200;
    low = boost::math::tools::toms748_solve(excess, low, high, at_low, at_high, is_close, evaluations).first;
  }
  return crossing_at(curve, low, cost_at_spacing(curve, low).level);
}

/// An interval of log ρ, relative to the curve's first knot.
struct Span {
  double begin = 0.0;
  double end = 0.0;
  double width() const { return end - begin; }
};

/// Returns the intervals in which the rise is at most `level`, in increasing order.
std::vector<Span> sublevel(const CostCurve& curve, double level) {
  const auto rises = curve.rises();
  const auto places = curve.places();
  std::vector<Span> spans;
  const auto crossing = [&](std::int64_t k) {
    return places[k] + (level - rises[k]) / (rises[k + 1] - rises[k]) * (places[k + 1] - places[k]);
  };
  std::optional<double> begin;
  if (rises.front() <= level) begin = 0.0;
  for (std::int64_t k = 0; k + 1 < curve.size(); ++k) {
    if (!begin && rises[k + 1] <= level) {
      begin = crossing(k);
    } else if (begin && rises[k + 1] > level) {
      spans.push_back({*begin, crossing(k)});
      begin.reset();
    }
  }
  if (begin) spans.push_back({*begin, curve.width()});
  return spans;
}

/// Whether every grid of a spacing has a point in at least one of the spans. This holds if the spans, modulo
/// the spacing, cover everything from 0 to the spacing.
bool are_covered(std::span<const Span> spans, double spacing) {
  std::vector<Span> wrapped;
  for (const Span& span : spans) {
    if (span.width() >= spacing) return true;
    const double begin = std::fmod(span.begin, spacing);
    const double end = begin + span.width();
    wrapped.push_back({begin, std::min(end, spacing)});
    if (end > spacing) wrapped.push_back({0.0, end - spacing});
  }
  std::sort(wrapped.begin(), wrapped.end(), [](const Span& a, const Span& b) { return a.begin < b.begin; });
  double reached = 0.0;
  for (const Span& span : wrapped) {
    if (span.begin > reached) return false;
    reached = std::max(reached, span.end);
  }
  return reached >= spacing;
}

/// Returns the least spacing beyond which some grid misses all spans. At this spacing, the end of one span
/// and the beginning of another are equal modulo the spacing, so the spacing is their distance divided by a
/// whole number.
double least_missing_spacing(std::span<const Span> spans) {
  double widest = 0.0;
  double total = 0.0;
  for (const Span& span : spans) {
    widest = std::max(widest, span.width());
    total += span.width();
  }
  std::vector<double> candidates{widest, total};
  for (const Span& one : spans) {
    for (const Span& other : spans) {
      const double distance = std::abs(other.begin - one.end);
      for (double m = std::max(1.0, std::ceil(distance / total)); distance / m > widest; ++m)
        candidates.push_back(distance / m);
    }
  }
  std::sort(candidates.begin(), candidates.end());
  for (std::size_t k = 0; k + 1 < candidates.size(); ++k) {
    const double middle = 0.5 * (candidates[k] + candidates[k + 1]);
    const bool is_rounding = candidates[k + 1] - candidates[k] <= 1e-13 * total;
    if (!is_rounding && !are_covered(spans, middle)) return candidates[k];
  }
  return total;
}

}  // namespace

Crossing worst_crossing(const CostCurve& curve, double tolerance) {
  const Walk found = walk(curve, tolerance, worst_exceeds);
  if (!found.is_known) return {};
  if (found.is_crossing) return crossing_at(curve, found.spacing, found.level);
  if (curve.is_own()) return crossing_at(curve, least_missing_spacing(sublevel(curve, tolerance)), tolerance);
  return search(curve, found.spacing, tolerance, &GridCost::worst);
}

Crossing mean_crossing(const CostCurve& curve, double tolerance) {
  const Walk found = walk(curve, tolerance, mean_exceeds);
  if (!found.is_known) return {};
  if (found.is_crossing) return crossing_at(curve, found.spacing, found.level);
  return search(curve, found.spacing, tolerance, &GridCost::mean);
}

}  // namespace rhosweep::analysis
