#include "grid_cost.hpp"

#include "rhosweep/analysis/analysis.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <utility>

#include <fmt/format.h>

namespace rhosweep::analysis {

namespace {

/// e over its least value, minus 1, at a place of the lattice; +∞ beyond its ends.
double rise_at(const Valley& valley, double place) {
  const auto last = static_cast<double>(valley.rise.size() - 1);
  if (place < 0.0 || place > last) return infinite;
  const auto low = static_cast<std::size_t>(place);
  const double share = place - static_cast<double>(low);
  return share == 0.0 ? valley.rise[low]
                      : valley.rise[low] + share * (valley.rise[low + 1] - valley.rise[low]);
}

/// The best point of the grid that has a point at `offset`, and what it costs.
struct BestOfGrid {
  double place = 0.0;
  double rise = infinite;
};

BestOfGrid best_of_grid(const Valley& valley, double offset, double spacing) {
  BestOfGrid best;
  const auto last = static_cast<double>(valley.rise.size() - 1);
  for (double i = 0.0; offset + i * spacing <= last; ++i) {
    const double place = offset + i * spacing;
    if (const double rise = rise_at(valley, place); rise < best.rise) best = {place, rise};
  }
  return best;
}

/// Where the best point of a grid changes from one to another while the grid moves.
struct Change {
  double share = 0.0;   ///< of the move
  double before = 0.0;  ///< rise of the best point just before it
  double after = 0.0;   ///< and just after: another value where one point passes an end of the lattice
};

/// Two points of a grid, `first` and `second`, move by `shift`; the first begins as the lower and ends as the
/// higher.
Change find_change(const Valley& valley, double first, double second, double shift) {
  double low = 0.0;
  double high = shift;
  // A thousandth of a lattice step.
  for (int i = 0; i < 10; ++i) {
    const double middle = 0.5 * (low + high);
    (rise_at(valley, first + middle) < rise_at(valley, second + middle) ? low : high) = middle;
  }
  return {.share = low / shift,
          .before = std::min(rise_at(valley, first + low), rise_at(valley, second + low)),
          .after = std::min(rise_at(valley, first + high), rise_at(valley, second + high))};
}

/// Costs of a grid in steps of the lattice, whatever lies beyond the ends.
GridCost cost_at_spacing(const Valley& valley, double spacing) {
  const auto offsets = static_cast<std::int64_t>(std::ceil(spacing));
  const double shift = spacing / static_cast<double>(offsets);
  GridCost cost{.worst = 0.0, .mean = 0.0};
  BestOfGrid before = best_of_grid(valley, 0.0, spacing);
  for (std::int64_t j = 1; j <= offsets; ++j) {
    const BestOfGrid here = best_of_grid(valley, std::min(static_cast<double>(j) * shift, spacing), spacing);
    cost.worst = std::max({cost.worst, before.rise, here.rise});
    const bool is_same_point = std::abs(here.place - before.place - shift) < 0.5 * shift;
    if (is_same_point || std::isinf(before.rise + here.rise)) {
      cost.mean += 0.5 * (before.rise + here.rise);
    } else {
      const Change change = find_change(valley, before.place, here.place - shift, shift);
      cost.worst = std::max({cost.worst, change.before, change.after});
      cost.mean += 0.5 * ((before.rise + change.before) * change.share +
                          (change.after + here.rise) * (1.0 - change.share));
    }
    before = here;
  }
  cost.mean /= static_cast<double>(offsets);
  return cost;
}

/// An interval of the lattice, in its steps.
struct Span {
  double begin = 0.0;
  double end = 0.0;
  double width() const { return end - begin; }
};

/// Where the rise is at most `level`.
std::vector<Span> sublevel(const Valley& valley, double level) {
  const std::vector<double>& rise = valley.rise;
  std::vector<Span> spans;
  const auto crossing = [&](std::size_t i) {
    return static_cast<double>(i) + (level - rise[i]) / (rise[i + 1] - rise[i]);
  };
  std::optional<double> begin;
  if (rise.front() <= level) begin = 0.0;
  for (std::size_t i = 0; i + 1 < rise.size(); ++i) {
    if (!begin && rise[i + 1] <= level) {
      begin = crossing(i);
    } else if (begin && rise[i + 1] > level) {
      spans.push_back({*begin, crossing(i)});
      begin.reset();
    }
  }
  if (begin) spans.push_back({*begin, static_cast<double>(rise.size() - 1)});
  return spans;
}

/// Whether every grid of a spacing has a point in one of the spans.
bool are_covered(const std::vector<Span>& spans, double spacing) {
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

/// The least spacing at which some grid misses all spans.
double least_missing_spacing(const std::vector<Span>& spans) {
  double widest = 0.0;
  double total = 0.0;
  for (const Span& span : spans) {
    widest = std::max(widest, span.width());
    total += span.width();
  }
  if (spans.size() < 2) return widest;
  // Further dips can help beyond the widest one; a fifth of a lattice step resolves that.
  double spacing = widest;
  while (spacing < total && are_covered(spans, spacing + 0.2)) spacing += 0.2;
  return spacing;
}

bool is_at_diverged_end(const Valley& valley, const std::vector<Span>& spans) {
  return (valley.below == Bound::diverged && spans.front().begin == 0.0) ||
         (valley.above == Bound::diverged && spans.back().end == static_cast<double>(valley.rise.size() - 1));
}

double spacing_of(const Valley& valley, double ratio) {
  return std::log(ratio) / valley.log_rho_step;
}
double ratio_of(const Valley& valley, double spacing) {
  return std::exp(spacing * valley.log_rho_step);
}

}  // namespace

GridCost grid_cost(const Valley& valley, double ratio) {
  const double spacing = spacing_of(valley, ratio);
  const bool is_wider = spacing > static_cast<double>(valley.rise.size() - 1);
  if (is_wider && (valley.below == Bound::sweep || valley.above == Bound::sweep)) return {};
  GridCost cost = cost_at_spacing(valley, spacing);
  cost.is_judged = valley.encloses(cost.worst);
  return cost.is_judged ? cost : GridCost{};
}

std::array<double, 5> cost_quantiles(const Valley& valley, double ratio) {
  const double spacing = spacing_of(valley, ratio);
  const auto offsets = static_cast<std::int64_t>(std::max(400.0, std::ceil(spacing)));
  std::vector<double> costs;
  costs.reserve(offsets);
  for (std::int64_t j = 0; j < offsets; ++j)
    costs.push_back(
        best_of_grid(valley, (static_cast<double>(j) + 0.5) * spacing / static_cast<double>(offsets), spacing)
            .rise);
  std::sort(costs.begin(), costs.end());
  // Some offset has a point at the optimum, and some has the worst cost, perhaps between two of those tried.
  std::array<double, 5> quantiles{0.0, 0.0, 0.0, 0.0, grid_cost(valley, ratio).worst};
  for (std::size_t q = 1; q < 4; ++q) {
    const std::int64_t above = offsets * static_cast<std::int64_t>(q) / 4;
    quantiles[q] = 0.5 * (costs[above - 1] + costs[above]);
  }
  return quantiles;
}

Crossing worst_crossing(const Valley& valley, double tolerance) {
  const std::vector<Span> spans = sublevel(valley, tolerance);
  const double spacing = least_missing_spacing(spans);
  return {.ratio = ratio_of(valley, spacing),
          .is_judged = valley.encloses(tolerance),
          .is_bounded_by_divergence = is_at_diverged_end(valley, spans)};
}

Crossing mean_crossing(const Valley& valley, double tolerance) {
  // The mean is at most the worst, so it crosses later.
  const auto width = static_cast<double>(valley.rise.size() - 1);
  const auto excess = [&](double spacing) { return cost_at_spacing(valley, spacing).mean - tolerance; };
  double low = std::max(1.0, least_missing_spacing(sublevel(valley, tolerance)));
  double at_low = excess(low);
  double high = low;
  double at_high = at_low;
  while (at_high <= 0.0 && high < width) {
    low = high;
    at_low = at_high;
    high = std::min(1.4 * high, width);
    at_high = excess(high);
  }
  if (at_high <= 0.0) return {.ratio = ratio_of(valley, high)};
  // A fiftieth of a lattice step changes the ratio by less than 0.1 %. Where the cost is infinite, halving
  // replaces the chord; the Illinois rule (Dowell and Jarratt 1971) keeps both ends moving.
  double middle = low;
  for (int side = 0; high - low > 0.02;) {
    const double before = middle;
    middle = std::isfinite(at_high) && at_low < 0.0 ? (low * at_high - high * at_low) / (at_high - at_low)
                                                    : 0.5 * (low + high);
    const double at_middle = excess(middle);
    if (at_middle <= 0.0) {
      low = middle;
      at_low = at_middle;
      if (side == -1) at_high *= 0.5;
      side = -1;
    } else {
      high = middle;
      at_high = at_middle;
      if (side == 1) at_low *= 0.5;
      side = 1;
    }
    if (std::abs(middle - before) < 0.01) break;
  }
  const GridCost found = cost_at_spacing(valley, middle);
  return {.ratio = ratio_of(valley, middle),
          .is_judged = valley.encloses(found.worst),
          .is_bounded_by_divergence = is_at_diverged_end(valley, sublevel(valley, found.worst))};
}

RandomSearch random_search(const Valley& valley, double low, double high, double draws) {
  const double first = (std::log(low) - valley.log_rho_first) / valley.log_rho_step;
  const double last = (std::log(high) - valley.log_rho_first) / valley.log_rho_step;
  const auto end = static_cast<double>(valley.rise.size() - 1);
  constexpr double rounding = 1e-6;
  if ((first < -rounding && valley.below == Bound::sweep) ||
      (last > end + rounding && valley.above == Bound::sweep))
    return {};
  // Each lattice step within the range is a cell with the cost of its middle.
  const double inner_first = std::clamp(first, 0.0, end);
  const double inner_last = std::clamp(last, 0.0, end);
  const auto cells = static_cast<std::int64_t>(std::ceil(inner_last - inner_first));
  std::vector<double> rises;
  rises.reserve(cells);
  for (std::int64_t k = 0; k < cells; ++k)
    rises.push_back(
        rise_at(valley, inner_first + (static_cast<double>(k) + 0.5) * (inner_last - inner_first) /
                                          static_cast<double>(cells)));
  std::sort(rises.begin(), rises.end());
  const double share = (inner_last - inner_first) / (last - first) / static_cast<double>(cells);
  double sum = 0.0;
  double above = 1.0;  // probability that no draw is among the costs so far
  for (std::int64_t k = 0; k < cells; ++k) {
    const double next = std::pow(std::max(0.0, 1.0 - static_cast<double>(k + 1) * share), draws);
    sum += rises[k] * (above - next);
    above = next;
  }
  if (cells == 0) return {.all_diverge = 1.0};
  // Rounding of the shares must not look like a chance to diverge.
  if (inner_last - inner_first >= last - first) above = 0.0;
  return {.mean = sum / (1.0 - above), .all_diverge = above};
}

std::string reason_of_step(const ValleyModel& model, std::span<const double> errors, double level) {
  const double step = model.coarsest_step(errors, level);
  return step > coarsest_judged_step
             ? fmt::format("neighbouring stepsizes lie a factor of {:.3g} apart, above {}", step,
                           coarsest_judged_step)
             : std::string();
}

namespace {

/// What one curve says; NaN where it does not, +∞ where a ratio lies beyond the sweep.
struct Numbers {
  double rho = unknown;
  double least = unknown;
  std::vector<GridCost> grids;
  std::vector<double> worst_ratios;
  std::vector<double> mean_ratios;
};

Numbers numbers_of(const std::optional<Valley>& valley, const GridQuestion& question) {
  Numbers numbers{.grids = std::vector<GridCost>(question.ratios.size()),
                  .worst_ratios = std::vector<double>(question.tolerances.size(), unknown),
                  .mean_ratios = std::vector<double>(question.tolerances.size(), unknown)};
  if (!valley) return numbers;
  numbers.rho = std::exp(valley->log_rho);
  numbers.least = valley->least;
  for (std::size_t k = 0; k < question.ratios.size(); ++k)
    numbers.grids[k] = grid_cost(*valley, question.ratios[k]);
  for (std::size_t k = 0; k < question.tolerances.size(); ++k) {
    const Crossing worst = worst_crossing(*valley, question.tolerances[k]);
    const Crossing mean = mean_crossing(*valley, question.tolerances[k]);
    numbers.worst_ratios[k] = worst.is_judged ? worst.ratio : infinite;
    numbers.mean_ratios[k] = mean.is_judged ? mean.ratio : infinite;
  }
  return numbers;
}

/// One number of every resample.
template <class Get>
std::vector<double> collect(const std::vector<Numbers>& resamples, const Get& get) {
  std::vector<double> values;
  values.reserve(resamples.size());
  for (const Numbers& numbers : resamples) values.push_back(get(numbers));
  return values;
}

/// Costs that a resample cannot judge are larger than any that it can.
double judged_or_infinite(const GridCost& cost, double GridCost::*value) {
  return cost.is_judged ? cost.*value : infinite;
}

/// How far the points lie from the model, and how much of that the noise of the seeds explains.
struct Misfit {
  double residual = unknown;  ///< root mean square of log e, leave-one-out
  double noise = 0.0;         ///< root mean square of what resampling changes of it
  std::int64_t points = 0;

  /// Of few points the residual exceeds the noise by chance: three standard deviations of a root mean square
  /// are 3/√(2 points) for normal noise, and this leaves some room.
  bool is_poor(double tolerance) const {
    return residual > 0.5 * std::log1p(tolerance) &&
           residual > noise * (1.0 + 3.0 / std::sqrt(static_cast<double>(points)));
  }
};

/// @param level the points are those where the model lies at most so much above its least value
Misfit misfit_of(const ValleyModel& model, std::span<const double> errors, std::span<const double> resampled,
                 std::int64_t seeds, double level) {
  Misfit misfit{.residual = model.residual(errors, level)};
  const std::vector<std::int64_t> points = model.points_below(errors, level);
  const std::vector<double> at = model.residuals(errors);
  double sum = 0.0;
  double count = 0.0;
  const std::int64_t rhos = std::ssize(errors);
  for (std::int64_t b = 0; b < std::ssize(resampled) / rhos; ++b) {
    const std::vector<double> again = model.residuals(resampled.subspan(b * rhos, rhos));
    for (const std::int64_t i : points) {
      if (std::isnan(again[i])) continue;
      sum += (again[i] - at[i]) * (again[i] - at[i]);
      ++count;
    }
  }
  const auto n = static_cast<double>(seeds);
  if (count > 0.0) misfit.noise = std::sqrt(sum / count * n / (n - 1.0));
  misfit.points = std::ssize(points);
  return misfit;
}

}  // namespace

ValleyAnswer judge_valley(std::span<const double> rhos, std::span<const double> errors,
                          std::span<const double> resampled, std::int64_t seeds,
                          const GridQuestion& question) {
  const ValleyModel model(rhos);
  const auto valley = model.fit(errors);
  ValleyAnswer answer;
  if (std::any_of(errors.begin(), errors.end(), [](double e) { return e <= 0.0; }))
    answer.reason = "the cost is not above its floor at every stepsize";
  else if (!valley)
    answer.reason = "fewer than four neighbouring stepsizes have a finite, positive cost";
  else if (valley->is_at_end &&
           !(valley->log_rho == valley->log_rho_first ? valley->below == Bound::diverged
                                                      : valley->above == Bound::diverged))
    answer.reason = "the best stepsize lies at the edge of the sweep";
  const Numbers found = numbers_of(answer.reason.empty() ? valley : std::nullopt, question);
  std::vector<Numbers> again;
  if (answer.reason.empty()) {
    const std::int64_t points = std::ssize(rhos);
    for (std::int64_t b = 0; b < std::ssize(resampled) / points; ++b)
      again.push_back(numbers_of(model.fit(resampled.subspan(b * points, points)), question));
    answer.residual = model.residual(errors, 2.0);
  }
  const auto estimate_of = [&](double value, std::vector<double> values) {
    return estimate(value, std::move(values), seeds, Scale::logarithmic);
  };
  answer.rho = estimate_of(found.rho, collect(again, [](const Numbers& n) { return n.rho; }));
  answer.least = estimate_of(found.least, collect(again, [](const Numbers& n) { return n.least; }));

  for (std::size_t k = 0; k < question.ratios.size(); ++k) {
    GridAnswer grid{.ratio = question.ratios[k], .reason = answer.reason};
    const GridCost& cost = found.grids[k];
    if (grid.reason.empty() && !cost.is_judged) grid.reason = beyond_the_sweep;
    if (grid.reason.empty()) grid.reason = reason_of_step(model, errors, cost.worst);
    if (grid.reason.empty()) {
      const auto quantiles = cost_quantiles(*valley, grid.ratio);
      grid.quantiles.assign(quantiles.begin(), quantiles.end());
      grid.worst = estimate_of(cost.worst, collect(again, [&](const Numbers& n) {
                                 return judged_or_infinite(n.grids[k], &GridCost::worst);
                               }));
      grid.mean = estimate_of(cost.mean, collect(again, [&](const Numbers& n) {
                                return judged_or_infinite(n.grids[k], &GridCost::mean);
                              }));
      grid.worst_error =
          estimate_of(found.least * (1.0 + cost.worst), collect(again, [&](const Numbers& n) {
                        return n.least * (1.0 + judged_or_infinite(n.grids[k], &GridCost::worst));
                      }));
      grid.mean_error =
          estimate_of(found.least * (1.0 + cost.mean), collect(again, [&](const Numbers& n) {
                        return n.least * (1.0 + judged_or_infinite(n.grids[k], &GridCost::mean));
                      }));
    }
    if (answer.reason.empty()) {
      const double draws = std::max(1.0, std::log(rhos.back() / rhos.front()) / std::log(grid.ratio));
      const RandomSearch random = random_search(*valley, rhos.front(), rhos.back(), draws);
      grid.random_mean = random.mean;
      grid.random_all_diverge = random.all_diverge;
    }
    answer.grids.push_back(std::move(grid));
  }

  for (std::size_t k = 0; k < question.tolerances.size(); ++k) {
    CrossingAnswer advice{.tolerance = question.tolerances[k], .reason = answer.reason};
    if (advice.reason.empty()) {
      const std::string too_coarse = reason_of_step(model, errors, advice.tolerance);
      const Misfit misfit = misfit_of(model, errors, resampled, seeds, advice.tolerance);
      if (found.worst_ratios[k] == infinite)
        advice.reason = beyond_the_sweep;
      else if (!too_coarse.empty())
        advice.reason = too_coarse;
      else if (misfit.is_poor(advice.tolerance))
        advice.reason = fmt::format(
            "the smooth model does not fit: its residual is {:.2g} in log e, of which noise explains {:.2g}",
            misfit.residual, misfit.noise);
    }
    if (advice.reason.empty()) {
      advice.ratio = estimate_of(found.worst_ratios[k],
                                 collect(again, [&](const Numbers& n) { return n.worst_ratios[k]; }));
      if (std::isfinite(found.mean_ratios[k]))
        advice.mean_ratio = estimate_of(found.mean_ratios[k],
                                        collect(again, [&](const Numbers& n) { return n.mean_ratios[k]; }));
      advice.advised = advice.ratio.ci.low;
      if (!std::isfinite(advice.advised)) advice.reason = "no interval: too few seeds or resamples";
      if (worst_crossing(*valley, advice.tolerance).is_bounded_by_divergence)
        advice.remark = "a lower bound: trials diverge before the cost reaches the tolerance";
    }
    answer.advice.push_back(std::move(advice));
  }
  return answer;
}

}  // namespace rhosweep::analysis
