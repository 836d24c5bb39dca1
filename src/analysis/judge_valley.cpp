#include "judge_valley.hpp"

#include "grid_cost.hpp"
#include "model_fit.hpp"

#include "rhosweep/analysis/analysis.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include <fmt/format.h>

namespace rhosweep::analysis {

namespace {

/// The results from the curve of one metric, or from the curves of two: the metric that chooses stepsizes and
/// the reported one. NaN where unknown, +∞ where beyond the sweep.
struct Numbers {
  double rho = unknown;
  double least = unknown;
  std::vector<GridCost> grids{};
  std::vector<Crossing> worst{};
  std::vector<Crossing> mean{};
  /// For each factor: e at this multiple of the best ρ, divided by e at the best ρ; NaN beyond the curve.
  std::vector<double> costs{};
};

/// Returns why the sweep's own grid is too coarse to judge costs up to `level`, or "".
std::string reason_of_step(const ValleyFit& fit, double level) {
  const double step = fit.coarsest_step(level);
  return step > coarsest_judged_step
             ? fmt::format("neighbouring stepsizes lie a factor of {:.3g} apart, above {}", step,
                           coarsest_judged_step)
             : std::string();
}

/// Smaller ratios of a grid are not advised, because such a grid has hundreds of points a decade.
constexpr double least_ratio = 1.01;
/// How large a misfit of the model may be depends on the level of the costs that are judged. For the costs of
/// a grid, a lower level than this counts as this one.
constexpr double least_judged_cost = 0.1;
/// Nothing is advised if the model certainly rounds off the optimum (Rounding::certain) and the rounding may
/// change a crossing ratio by more than this factor.
constexpr double most_rounding = 2.0;
/// A curve whose rise is nowhere above this is flat up to rounding.
constexpr double flat_rise = 1e-9;

/// Whether e of the worst member (ResampledCurve) is zero or negative at some ρ, as measured or in a
/// resample.
bool has_zero(const ResampledCurve& curve, std::int64_t rhos) {
  const auto has_low = [rhos](std::span<const double> errors) {
    const std::vector<double> worst = worst_of_members(errors, rhos);
    return std::any_of(worst.begin(), worst.end(), [](double e) { return e <= 0.0; });
  };
  if (has_low(curve.errors)) return true;
  for (std::int64_t b = 0; b < curve.resamples(); ++b)
    if (has_low(curve.resample(b))) return true;
  return false;
}

bool has_end_beyond(const Valley& valley) {
  return valley.is_at_end &&
         (valley.log_rho == valley.log_rho_first ? valley.below : valley.above) == Bound::sweep;
}

bool is_flat(const Valley& valley) {
  return *std::max_element(valley.rise.begin(), valley.rise.end()) <= flat_rise;
}

/// The model of the metric that chooses stepsizes and, if another metric is reported, the model of that
/// metric.
struct Fits {
  std::optional<ValleyFit> choosing{};
  std::optional<ValleyFit> reported{};
};

/// Judges the curve of one metric, or the curves of two: one chooses stepsizes and one is reported.
class Judge {
 public:
  Judge(std::span<const double> rhos, const ResampledCurve& choosing, std::int64_t seeds,
        const GridQuestion& question, const ResampledCurve* reported)
      : model_(rhos),
        range_{rhos.front(), rhos.back()},
        choosing_(choosing),
        reported_(reported),
        seeds_(seeds),
        question_(question),
        scale_(reported == nullptr ? Scale::logarithmic : Scale::linear),
        grid_reasons_(question.ratios.size()),
        advice_reasons_(question.tolerances.size()) {
    const std::int64_t points = std::ssize(rhos);
    answer_.has_error_below_floor =
        has_zero(choosing, points) || (reported != nullptr && has_zero(*reported, points));
    fits_ = fit(choosing.errors, reported == nullptr ? choosing.errors : reported->errors);
    answer_.reason = reason_against();
    if (!answer_.reason.empty()) {
      found_ = unknown_numbers();
      return;
    }
    for (const std::optional<ValleyFit>* each : {&fits_.choosing, &fits_.reported})
      if (*each) misfits_.emplace_back(**each, seeds);
    curve_ = curve_of(fits_, WindowSize::whole);
    found_ = numbers_of(fits_, WindowSize::whole);
    const std::vector<Fits> again = fit_resamples();
    for (const ModelFit& each : misfits_) answer_.rounding = std::max(answer_.rounding, each.rounding());
    if (answer_.rounding != Rounding::none) half_ = numbers_of(fits_, WindowSize::half);
    for (std::size_t k = 0; k < grid_reasons_.size(); ++k) grid_reasons_[k] = reason_against_grid(k);
    for (std::size_t k = 0; k < advice_reasons_.size(); ++k) advice_reasons_[k] = reason_against_advice(k);
    for (const Fits& fits : again) {
      again_.push_back(numbers_of(fits, WindowSize::whole));
      if (half_) half_again_.push_back(numbers_of(fits, WindowSize::half));
    }
    answer_.residual = (reported == nullptr ? fits_.choosing : fits_.reported)->residual(2.0);
  }

  ValleyAnswer answer() {
    answer_.rho = estimate_of(Scale::logarithmic, [](const Numbers& n) { return n.rho; });
    answer_.least = estimate_of(Scale::logarithmic, [](const Numbers& n) { return n.least; });
    for (std::size_t k = 0; k < question_.ratios.size(); ++k) answer_.grids.push_back(grid(k));
    for (std::size_t k = 0; k < question_.tolerances.size(); ++k) answer_.advice.push_back(advice(k));
    for (std::size_t k = 0; k < question_.factors.size(); ++k) answer_.costs.push_back(cost_at_factor(k));
    return std::move(answer_);
  }

 private:
  std::string reason_against() {
    if (answer_.has_error_below_floor) return "the cost is not above its floor at every stepsize";
    if (!fits_.choosing || (reported_ != nullptr && !fits_.reported))
      return reason_without_model(std::ssize(model_.log_rhos()));
    const Valley valley = fits_.choosing->valley();
    if (is_flat(valley)) return "the cost is the same at every stepsize: none is the best";
    answer_.is_at_edge = has_end_beyond(valley);
    return answer_.is_at_edge ? "the best stepsize lies at the edge of the sweep" : "";
  }

  Fits fit(std::span<const double> choosing, std::span<const double> reported) const {
    Fits fits{.choosing = model_.fit(choosing)};
    if (reported_ != nullptr) fits.reported = model_.fit(reported);
    return fits;
  }

  /// Fits the model to every resample, and records the fits in misfits_.
  std::vector<Fits> fit_resamples() {
    std::vector<Fits> again;
    again.reserve(choosing_.resamples());
    for (std::int64_t b = 0; b < choosing_.resamples(); ++b) {
      const auto by = choosing_.resample(b);
      again.push_back(fit(by, reported_ == nullptr ? by : reported_->resample(b)));
      if (again.back().choosing) misfits_.front().add(*again.back().choosing);
      if (again.back().reported) misfits_.back().add(*again.back().reported);
    }
    return again;
  }

  Numbers unknown_numbers() const {
    return {.grids = std::vector<GridCost>(question_.ratios.size()),
            .worst = std::vector<Crossing>(question_.tolerances.size(), Crossing{.ratio = unknown}),
            .mean = std::vector<Crossing>(question_.tolerances.size(), Crossing{.ratio = unknown}),
            .costs = std::vector<double>(question_.factors.size(), unknown)};
  }

  /// Returns the cost curve of the fits; nothing if a model is missing.
  std::optional<CostCurve> curve_of(const Fits& fits, WindowSize window) const {
    if (!fits.choosing || (reported_ != nullptr && !fits.reported)) return std::nullopt;
    const Valley valley = fits.choosing->valley(window);
    return reported_ == nullptr ? CostCurve(valley) : CostCurve(valley, fits.reported->valley(window));
  }

  /// Returns the results from the cost curve of the fits. Leaves out the ratios and tolerances for which
  /// grid_reasons_ or advice_reasons_ has a reason.
  Numbers numbers_of(const Fits& fits, WindowSize window) const {
    Numbers numbers = unknown_numbers();
    const auto curve = curve_of(fits, window);
    if (!curve) return numbers;
    numbers.rho = std::exp(curve->log_rho_best());
    numbers.least = curve->tuned();
    for (std::size_t k = 0; k < question_.ratios.size(); ++k)
      if (grid_reasons_[k].empty()) numbers.grids[k] = grid_cost(*curve, question_.ratios[k]);
    for (std::size_t k = 0; k < question_.tolerances.size(); ++k) {
      if (!advice_reasons_[k].empty()) continue;
      numbers.worst[k] = worst_crossing(*curve, question_.tolerances[k]);
      numbers.mean[k] = mean_crossing(*curve, question_.tolerances[k]);
    }
    for (std::size_t k = 0; k < question_.factors.size(); ++k)
      numbers.costs[k] = 1.0 + curve->cost_at(curve->log_rho_best() + std::log(question_.factors[k]));
    return numbers;
  }

  template <class Get>
  static std::vector<double> values_of(const std::vector<Numbers>& again, const Get& get) {
    std::vector<double> values;
    values.reserve(again.size());
    for (const Numbers& numbers : again) values.push_back(get(numbers));
    return values;
  }

  template <class Get>
  Estimate estimate_of(Scale scale, const Get& get) const {
    Estimate found = estimate(get(found_), values_of(again_, get), seeds_, scale);
    if (half_)
      include_half_window({.value = get(*half_), .resampled = values_of(half_again_, get)}, seeds_, scale,
                          found);
    return found;
  }

  /// Estimates the worst or the mean cost of grids of ratio number k. In a resample without
  /// GridCost::is_judged, the cost counts as +∞.
  Estimate cost_of(std::size_t k, double GridCost::*which) const {
    const auto ratio_of = [&](const Numbers& n) {
      return 1.0 + (n.grids[k].is_judged ? n.grids[k].*which : infinite);
    };
    const auto get = [&](const Numbers& n) { return n.grids[k].is_judged ? n.grids[k].*which : infinite; };
    Estimate found = estimate(get(found_), values_of(again_, get), seeds_, scale_);
    if (!half_ || std::isnan(found.ci.low)) return found;
    // The error that the window causes adds to log e, and so to the logarithm of 1 plus the cost. On this
    // scale the interval is widened.
    Estimate ratio{.value = ratio_of(found_),
                   .ci = {.low = 1.0 + found.ci.low, .high = 1.0 + found.ci.high},
                   .resampled = values_of(again_, ratio_of)};
    include_half_window({.value = ratio_of(*half_), .resampled = values_of(half_again_, ratio_of)}, seeds_,
                        Scale::logarithmic, ratio);
    found.ci = {.low = ratio.ci.low - 1.0, .high = ratio.ci.high - 1.0};
    // If the reported metric also chooses stepsizes, the best stepsize of a grid is no better than the tuned
    // one, so no cost is negative.
    if (reported_ == nullptr) found.ci.low = std::max(found.ci.low, 0.0);
    return found;
  }
  Estimate cost_at_factor(std::size_t k) const {
    Estimate found = estimate_of(Scale::logarithmic, [k](const Numbers& n) { return n.costs[k]; });
    // If the reported metric also chooses stepsizes, none is better than the tuned one, so no ratio is below
    // 1.
    if (reported_ == nullptr && found.ci.low < 1.0) found.ci.low = 1.0;
    return found;
  }
  Estimate error_of(std::size_t k, double GridCost::*which) const {
    return estimate_of(Scale::logarithmic, [&](const Numbers& n) {
      return n.least * (1.0 + (n.grids[k].is_judged ? n.grids[k].*which : infinite));
    });
  }

  GridAnswer grid(std::size_t k) const {
    GridAnswer grid{.ratio = question_.ratios[k],
                    .reason = answer_.reason.empty() ? grid_reasons_[k] : answer_.reason};
    if (grid.reason.empty()) {
      const auto quantiles = cost_quantiles(*curve_, grid.ratio);
      grid.quantiles.assign(quantiles.begin(), quantiles.end());
      grid.worst = cost_of(k, &GridCost::worst);
      grid.mean = cost_of(k, &GridCost::mean);
      grid.worst_error = error_of(k, &GridCost::worst);
      grid.mean_error = error_of(k, &GridCost::mean);
    }
    const double draws = std::log(range_.high / range_.low) / std::log(grid.ratio);
    if ((!grid.reason.empty() && grid.reason != beyond_the_sweep) || draws < 1.0) return grid;
    const RandomSearch random = random_search(*curve_, range_.low, range_.high, draws);
    if (!grid.reason.empty() && !reason_against_level(random.mean).empty()) return grid;
    grid.random_mean = random.mean;
    grid.random_all_diverge = random.all_diverge;
    return grid;
  }

  std::string reason_against_grid(std::size_t k) const {
    const GridCost& cost = found_.grids[k];
    return cost.is_judged ? reason_against_level(cost.level) : beyond_the_sweep;
  }

  /// Returns why the sweep and the model cannot judge costs up to `level`, or "".
  std::string reason_against_level(double level) const {
    const std::string reason = reason_of_step(*fits_.choosing, level);
    return reason.empty() ? reason_of_misfit(std::max(level, least_judged_cost)) : reason;
  }

  std::string reason_of_misfit(double level) const {
    for (const ModelFit& fit : misfits_)
      if (std::string reason = fit.reason_of_misfit(level); !reason.empty()) return reason;
    return {};
  }

  std::string reason_against_advice(std::size_t k) const {
    if (found_.worst[k].ratio == infinite) return beyond_the_sweep;
    std::string reason = reason_of_step(*fits_.choosing, found_.worst[k].level);
    if (reason.empty()) reason = reason_of_misfit(question_.tolerances[k]);
    if (!reason.empty() || answer_.rounding != Rounding::certain) return reason;
    const double ratio = found_.worst[k].ratio;
    const double of_half = half_->worst[k].ratio;
    const bool is_near = of_half * of_half < most_rounding * ratio * ratio &&
                         ratio * ratio < most_rounding * of_half * of_half;
    return is_near
               ? reason
               : fmt::format(
                     "the smooth model rounds off a sharp optimum: half its window changes the ratio from {:.3g} to {:.3g}",
                     ratio, of_half);
  }

  /// Returns a caveat to the advice at a crossing, or "".
  std::string remark(const Crossing& crossing) const {
    if (crossing.bounded_by == Bound::diverged)
      return "a lower bound: trials diverge before the cost reaches the tolerance";
    if (crossing.bounded_by == Bound::cliff)
      return "a lower bound: before the cost reaches the tolerance it leaps from one stepsize to the next";
    if (answer_.rounding == Rounding::none) return {};
    return fmt::format(
        "the smooth model {} this optimum; the interval is widened by what half its window says",
        answer_.rounding == Rounding::certain ? "rounds off" : "may round off");
  }

  CrossingAnswer advice(std::size_t k) const {
    CrossingAnswer advice{.tolerance = question_.tolerances[k],
                          .reason = answer_.reason.empty() ? advice_reasons_[k] : answer_.reason};
    if (!advice.reason.empty()) return advice;
    advice.ratio = estimate_of(Scale::logarithmic, [k](const Numbers& n) { return n.worst[k].ratio; });
    if (std::isfinite(found_.mean[k].ratio))
      advice.mean_ratio = estimate_of(Scale::logarithmic, [k](const Numbers& n) { return n.mean[k].ratio; });
    for (Estimate* each : {&advice.ratio, &advice.mean_ratio})
      if (each->ci.low < 1.0) each->ci.low = 1.0;  // no grid has a ratio below 1
    advice.advised = advice.ratio.ci.low;
    if (!std::isfinite(advice.advised))
      advice.reason = "no interval: too few seeds or resamples, or one seed decides";
    if (advice.advised < least_ratio) {
      advice.advised = unknown;
      advice.reason = "the interval reaches down to a ratio of 1: more seeds are needed";
    }
    advice.remark = remark(found_.worst[k]);
    return advice;
  }

  ValleyModel model_;
  Interval range_;
  const ResampledCurve& choosing_;
  const ResampledCurve* reported_;
  std::int64_t seeds_;
  const GridQuestion& question_;
  Scale scale_;
  ValleyAnswer answer_{};
  Fits fits_{};
  std::optional<CostCurve> curve_{};
  Numbers found_{};
  std::vector<Numbers> again_{};
  std::vector<ModelFit> misfits_{};  ///< of the metric that chooses; then of the reported one, if another
  std::optional<Numbers> half_{};    ///< found_ with half the window, if the model may round off the optimum
  std::vector<Numbers> half_again_{};
  std::vector<std::string> grid_reasons_;    ///< for each ratio: why its grid cannot be judged, or ""
  std::vector<std::string> advice_reasons_;  ///< for each tolerance: why nothing is advised, or ""
};

}  // namespace

ValleyAnswer judge_valley(std::span<const double> rhos, const ResampledCurve& choosing, std::int64_t seeds,
                          const GridQuestion& question, const ResampledCurve* reported) {
  return Judge(rhos, choosing, seeds, question, reported).answer();
}

}  // namespace rhosweep::analysis
