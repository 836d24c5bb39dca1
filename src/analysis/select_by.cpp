#include "select_by.hpp"

#include "rhosweep/analysis/analysis.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

namespace rhosweep::analysis {

namespace {

/// Costs of grids of one ratio.
struct SelectedCost {
  double worst = unknown;
  double mean = unknown;
};

/// One metric's valley, which chooses, and another one's, which is reported.
class SelectedValley {
 public:
  SelectedValley(Valley choosing, Valley reported)
      : choosing_(std::move(choosing)),
        reported_(std::move(reported)),
        tuned_(reported_error(choosing_.log_rho)) {}

  /// e of the reported metric at the optimum of the other.
  double tuned() const { return tuned_; }
  double rho() const { return std::exp(choosing_.log_rho); }

  /// NaN where the sweep cannot judge it.
  SelectedCost cost(double ratio) const {
    const double spacing = std::log(ratio);
    const auto offsets = static_cast<std::int64_t>(std::ceil(spacing / choosing_.log_rho_step));
    const double shift = spacing / static_cast<double>(offsets);
    double worst = -infinite;
    double sum = 0.0;
    double before = best_of_grid(0.0, spacing);
    for (std::int64_t j = 1; j <= offsets; ++j) {
      const double here = best_of_grid(std::min(static_cast<double>(j) * shift, spacing), spacing);
      if (std::isnan(before) || std::isnan(here) || !choosing_.encloses(rise_at(here))) return {};
      sum += 0.5 * (cost_at(before) + cost_at(here));
      worst = std::max({worst, cost_at(before), cost_at(here)});
      if (std::abs(here - before - shift) > 0.5 * shift) {
        // Another point is the best from the offset on where both are as good: there costs are the largest.
        const double rising = rise_at(before + shift) - rise_at(before);
        const double falling = rise_at(here - shift) - rise_at(here);
        const double share =
            std::clamp((rise_at(here) - rise_at(before) + falling) / (rising + falling), 0.0, 1.0);
        for (const double place : {before + share * shift, here - (1.0 - share) * shift})
          if (const double at = cost_at(place); at > worst) worst = at;
      }
      before = here;
    }
    return std::isnan(sum) ? SelectedCost{}
                           : SelectedCost{.worst = worst, .mean = sum / static_cast<double>(offsets)};
  }

  /// The least ratio at which a cost is above the tolerance; +∞ beyond what the sweep can judge.
  double crossing(double tolerance, double SelectedCost::*which) const {
    double low = 1.0 + 1e-9;
    double high = std::exp(choosing_.log_rho_step);
    const double widest = std::exp(choosing_.width());
    while (true) {
      const double value = cost(high).*which;
      if (std::isnan(value)) return infinite;
      if (value > tolerance) break;
      if (high >= widest) return infinite;
      low = high;
      high = std::min(high * 1.05, widest);
    }
    while (high > low * 1.001) {
      const double middle = std::sqrt(low * high);
      (cost(middle).*which > tolerance ? high : low) = middle;
    }
    return low;
  }

  /// Expectation of the cost of the best of some log-uniform draws from the lattice's range.
  double random(double draws) const {
    std::vector<std::pair<double, double>> cells;
    for (std::size_t k = 0; k + 1 < choosing_.rise.size(); ++k) {
      const double at = (static_cast<double>(k) + 0.5) * choosing_.log_rho_step;
      cells.emplace_back(rise_at(at), cost_at(at));
    }
    std::sort(cells.begin(), cells.end());
    const auto count = static_cast<double>(cells.size());
    double sum = 0.0;
    double above = 1.0;
    for (std::size_t k = 0; k < cells.size(); ++k) {
      const double next = std::pow(1.0 - static_cast<double>(k + 1) / count, draws);
      sum += cells[k].second * (above - next);
      above = next;
    }
    return sum;
  }

 private:
  static double between(const std::vector<double>& values, double place) {
    const auto low = std::min(static_cast<std::size_t>(place), values.size() - 2);
    return values[low] + (place - static_cast<double>(low)) * (values[low + 1] - values[low]);
  }

  /// @param at log ρ from the lattice's first; +∞ outside the lattice
  double rise_at(double at) const {
    if (at < 0.0 || at > choosing_.width()) return infinite;
    return between(choosing_.rise, at / choosing_.log_rho_step);
  }

  /// The place that is chosen of a grid; NaN if it has none in the lattice.
  double best_of_grid(double first, double spacing) const {
    double place = unknown;
    double least = infinite;
    for (double at = first; at <= choosing_.width(); at += spacing) {
      const double rise = rise_at(at);
      if (rise < least) {
        least = rise;
        place = at;
      }
    }
    return place;
  }

  double cost_at(double at) const { return reported_error(choosing_.log_rho_first + at) / tuned_ - 1.0; }

  /// NaN outside the reported metric's lattice.
  double reported_error(double log_rho) const {
    const double place = (log_rho - reported_.log_rho_first) / reported_.log_rho_step;
    const auto last = static_cast<double>(reported_.rise.size() - 1);
    constexpr double rounding = 1e-6;
    if (place < -rounding || place > last + rounding) return unknown;
    return reported_.least * (1.0 + between(reported_.rise, std::clamp(place, 0.0, last)));
  }

  Valley choosing_;
  Valley reported_;
  double tuned_;
};

/// What one pair of curves says.
struct SelectedNumbers {
  double rho = unknown;
  double tuned = unknown;
  std::vector<SelectedCost> grids;
  std::vector<double> worst_ratios;
  std::vector<double> mean_ratios;
};

SelectedNumbers unknown_numbers(const GridQuestion& question) {
  return {.grids = std::vector<SelectedCost>(question.ratios.size()),
          .worst_ratios = std::vector<double>(question.tolerances.size(), unknown),
          .mean_ratios = std::vector<double>(question.tolerances.size(), unknown)};
}

SelectedNumbers selected_numbers(const ValleyModel& model, std::span<const double> choosing,
                                 std::span<const double> reported, const GridQuestion& question) {
  SelectedNumbers numbers = unknown_numbers(question);
  const auto chooses = model.fit(choosing);
  const auto reports = model.fit(reported);
  if (!chooses || !reports) return numbers;
  const SelectedValley valley(*chooses, *reports);
  numbers.rho = valley.rho();
  numbers.tuned = valley.tuned();
  if (std::isnan(numbers.tuned)) return numbers;
  for (std::size_t k = 0; k < question.ratios.size(); ++k) numbers.grids[k] = valley.cost(question.ratios[k]);
  for (std::size_t k = 0; k < question.tolerances.size(); ++k) {
    numbers.worst_ratios[k] = valley.crossing(question.tolerances[k], &SelectedCost::worst);
    numbers.mean_ratios[k] = valley.crossing(question.tolerances[k], &SelectedCost::mean);
  }
  return numbers;
}

template <class Get>
Estimate estimate_of(const SelectedNumbers& found, const std::vector<SelectedNumbers>& again,
                     std::int64_t seeds, Scale scale, const Get& get) {
  std::vector<double> values;
  values.reserve(again.size());
  for (const SelectedNumbers& numbers : again) values.push_back(get(numbers));
  return estimate(get(found), std::move(values), seeds, scale);
}

/// What a resample cannot judge is larger than anything that it can.
double or_infinite(double value) {
  return std::isnan(value) ? infinite : value;
}

std::string reason_against(const ValleyModel& model, const ResampledCurve& choosing,
                           const ResampledCurve& reported) {
  for (const ResampledCurve& curve : {choosing, reported})
    if (std::any_of(curve.errors.begin(), curve.errors.end(), [](double e) { return e <= 0.0; }))
      return "a cost is not above its floor at every stepsize";
  const auto chooses = model.fit(choosing.errors);
  if (!chooses || !model.fit(reported.errors))
    return "fewer than four neighbouring stepsizes have a finite, positive cost";
  if (chooses->is_at_end) return "the best stepsize lies at the edge of the sweep";
  return {};
}

}  // namespace

ValleyAnswer judge_selected(std::span<const double> rhos, const ResampledCurve& choosing,
                            const ResampledCurve& reported, std::int64_t seeds,
                            const GridQuestion& question) {
  const ValleyModel model(rhos);
  ValleyAnswer answer{.reason = reason_against(model, choosing, reported)};
  const SelectedNumbers found = answer.reason.empty()
                                    ? selected_numbers(model, choosing.errors, reported.errors, question)
                                    : unknown_numbers(question);
  std::vector<SelectedNumbers> again;
  if (answer.reason.empty()) {
    const std::int64_t points = std::ssize(rhos);
    for (std::int64_t b = 0; b < std::ssize(choosing.resampled) / points; ++b)
      again.push_back(selected_numbers(model, choosing.resampled.subspan(b * points, points),
                                       reported.resampled.subspan(b * points, points), question));
    answer.residual = model.residual(reported.errors, 2.0);
  }
  const auto of = [&](Scale scale, const auto& get) { return estimate_of(found, again, seeds, scale, get); };
  answer.rho = of(Scale::logarithmic, [](const SelectedNumbers& n) { return n.rho; });
  answer.least = of(Scale::logarithmic, [](const SelectedNumbers& n) { return n.tuned; });
  std::optional<SelectedValley> selected;
  if (answer.reason.empty()) selected.emplace(*model.fit(choosing.errors), *model.fit(reported.errors));
  const double range = std::log(rhos.back() / rhos.front());
  for (std::size_t k = 0; k < question.ratios.size(); ++k) {
    GridAnswer grid{.ratio = question.ratios[k], .reason = answer.reason};
    if (grid.reason.empty() && std::isnan(found.grids[k].worst)) grid.reason = beyond_the_sweep;
    if (grid.reason.empty()) grid.reason = reason_of_step(model, choosing.errors, found.grids[k].worst);
    if (grid.reason.empty()) {
      const auto worst = [k](const SelectedNumbers& n) { return or_infinite(n.grids[k].worst); };
      const auto mean = [k](const SelectedNumbers& n) { return or_infinite(n.grids[k].mean); };
      grid.worst = of(Scale::linear, worst);
      grid.mean = of(Scale::linear, mean);
      grid.worst_error =
          of(Scale::logarithmic, [&](const SelectedNumbers& n) { return n.tuned * (1.0 + worst(n)); });
      grid.mean_error =
          of(Scale::logarithmic, [&](const SelectedNumbers& n) { return n.tuned * (1.0 + mean(n)); });
    }
    if (selected) grid.random_mean = selected->random(std::max(1.0, range / std::log(grid.ratio)));
    answer.grids.push_back(std::move(grid));
  }
  for (std::size_t k = 0; k < question.tolerances.size(); ++k) {
    CrossingAnswer advice{.tolerance = question.tolerances[k], .reason = answer.reason};
    if (advice.reason.empty() && found.worst_ratios[k] == infinite) advice.reason = beyond_the_sweep;
    if (advice.reason.empty()) advice.reason = reason_of_step(model, choosing.errors, advice.tolerance);
    if (advice.reason.empty()) {
      advice.ratio =
          of(Scale::logarithmic, [k](const SelectedNumbers& n) { return or_infinite(n.worst_ratios[k]); });
      advice.mean_ratio =
          of(Scale::logarithmic, [k](const SelectedNumbers& n) { return or_infinite(n.mean_ratios[k]); });
      advice.advised = advice.ratio.ci.low;
      if (std::isnan(advice.advised)) advice.reason = "no interval: too few seeds or resamples";
    }
    answer.advice.push_back(std::move(advice));
  }
  return answer;
}

}  // namespace rhosweep::analysis
