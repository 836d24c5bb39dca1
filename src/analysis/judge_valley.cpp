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

/// What one curve, or one pair, says; NaN where it does not, +∞ where it lies beyond the sweep.
struct Numbers {
  double rho = unknown;
  double least = unknown;
  std::vector<GridCost> grids{};
  std::vector<Crossing> worst{};
  std::vector<Crossing> mean{};
};

/// Why the sweep's own grid cannot judge costs up to `level`; empty if it can.
std::string reason_of_step(const ValleyModel& model, std::span<const double> errors, double level) {
  const double step = model.coarsest_step(errors, level);
  return step > coarsest_judged_step
             ? fmt::format("neighbouring stepsizes lie a factor of {:.3g} apart, above {}", step,
                           coarsest_judged_step)
             : std::string();
}

/// Costs below this need not be told apart.
constexpr double least_judged_cost = 0.1;
/// Where the window may change a crossing ratio by more than this factor in all, nothing is advised.
constexpr double most_rounding = 2.0;

/// Widens an interval by what half the window says, and by as much again: where the window rounds off a kink,
/// its error is in proportion to its width.
void include(double of_half_window, Scale scale, Estimate& found) {
  if (std::isnan(found.ci.low) || std::isnan(of_half_window)) return;
  const double limit = scale == Scale::logarithmic ? of_half_window * (of_half_window / found.value)
                                                   : of_half_window + (of_half_window - found.value);
  for (const double value : {of_half_window, limit}) {
    if (std::isnan(value)) continue;
    found.ci.low = std::min(found.ci.low, value);
    found.ci.high = std::max(found.ci.high, value);
  }
}

bool has_zero(const ResampledCurve& curve) {
  const auto is_low = [](double e) { return e <= 0.0; };
  return std::any_of(curve.errors.begin(), curve.errors.end(), is_low) ||
         std::any_of(curve.resampled.begin(), curve.resampled.end(), is_low);
}

bool has_end_beyond(const Valley& valley) {
  return valley.is_at_end && !(valley.log_rho == valley.log_rho_first ? valley.below == Bound::diverged
                                                                      : valley.above == Bound::diverged);
}

/// One metric's curve, or that of the one that chooses and that of the one that is reported.
class Judge {
 public:
  Judge(std::span<const double> rhos, const ResampledCurve& choosing, std::int64_t seeds,
        const GridQuestion& question, const ResampledCurve* reported)
      : model_(rhos),
        half_window_(rhos, half_window),
        range_{rhos.front(), rhos.back()},
        choosing_(choosing),
        reported_(reported),
        seeds_(seeds),
        question_(question),
        scale_(reported == nullptr ? Scale::logarithmic : Scale::linear) {
    answer_.has_error_below_floor = has_zero(choosing) || (reported != nullptr && has_zero(*reported));
    answer_.reason = reason_against();
    if (!answer_.reason.empty()) {
      found_ = unknown_numbers();
      return;
    }
    const ResampledCurve& paid = reported == nullptr ? choosing : *reported;
    curve_ = curve_of(model_, choosing.errors, paid.errors);
    found_ = numbers_of(model_, choosing.errors, paid.errors);
    again_.reserve(choosing.resamples());
    for (std::int64_t b = 0; b < choosing.resamples(); ++b)
      again_.push_back(numbers_of(model_, choosing.resample(b), paid.resample(b)));
    fits_.emplace_back(model_, half_window_, choosing, seeds);
    if (reported != nullptr) fits_.emplace_back(model_, half_window_, paid, seeds);
    const bool rounds_off =
        std::any_of(fits_.begin(), fits_.end(), [](const ModelFit& fit) { return fit.rounds_off_optimum(); });
    if (rounds_off && curve_of(half_window_, choosing.errors, paid.errors))
      of_half_window_ = numbers_of(half_window_, choosing.errors, paid.errors);
    answer_.residual = model_.residual(reported == nullptr ? choosing.errors : reported->errors, 2.0);
  }

  ValleyAnswer answer() {
    answer_.rho = estimate_of(Scale::logarithmic, [](const Numbers& n) { return n.rho; });
    answer_.least = estimate_of(Scale::logarithmic, [](const Numbers& n) { return n.least; });
    for (std::size_t k = 0; k < question_.ratios.size(); ++k) answer_.grids.push_back(grid(k));
    for (std::size_t k = 0; k < question_.tolerances.size(); ++k) answer_.advice.push_back(advice(k));
    return std::move(answer_);
  }

 private:
  std::string reason_against() const {
    if (answer_.has_error_below_floor) return "the cost is not above its floor at every stepsize";
    const auto valley = model_.fit(choosing_.errors);
    if (!valley || (reported_ != nullptr && !model_.fit(reported_->errors)))
      return "fewer than four neighbouring stepsizes have a finite, positive cost";
    if (has_end_beyond(*valley)) return "the best stepsize lies at the edge of the sweep";
    return {};
  }

  Numbers unknown_numbers() const {
    return {.grids = std::vector<GridCost>(question_.ratios.size()),
            .worst = std::vector<Crossing>(question_.tolerances.size(), Crossing{.ratio = unknown}),
            .mean = std::vector<Crossing>(question_.tolerances.size(), Crossing{.ratio = unknown})};
  }

  /// Nothing without a model.
  std::optional<CostCurve> curve_of(const ValleyModel& model, std::span<const double> choosing,
                                    std::span<const double> reported) const {
    const auto valley = model.fit(choosing);
    if (!valley) return std::nullopt;
    if (reported_ == nullptr) return CostCurve(*valley);
    const auto paid = model.fit(reported);
    return paid ? std::optional(CostCurve(*valley, *paid)) : std::nullopt;
  }

  Numbers numbers_of(const ValleyModel& model, std::span<const double> choosing,
                     std::span<const double> reported) const {
    const auto curve = curve_of(model, choosing, reported);
    if (!curve) return unknown_numbers();
    Numbers numbers{.rho = std::exp(curve->log_rho_best()), .least = curve->tuned()};
    for (const double ratio : question_.ratios) numbers.grids.push_back(grid_cost(*curve, ratio));
    for (const double tolerance : question_.tolerances) {
      numbers.worst.push_back(worst_crossing(*curve, tolerance));
      numbers.mean.push_back(mean_crossing(*curve, tolerance));
    }
    return numbers;
  }

  template <class Get>
  Estimate estimate_of(Scale scale, const Get& get) const {
    std::vector<double> values;
    values.reserve(again_.size());
    for (const Numbers& numbers : again_) values.push_back(get(numbers));
    Estimate found = estimate(get(found_), std::move(values), seeds_, scale);
    if (of_half_window_) include(get(*of_half_window_), scale, found);
    return found;
  }

  /// A cost, or the reported e. What a resample cannot judge is larger than anything that it can.
  Estimate cost_of(std::size_t k, double GridCost::*which) const {
    return estimate_of(scale_,
                       [&](const Numbers& n) { return n.grids[k].is_judged ? n.grids[k].*which : infinite; });
  }
  Estimate error_of(std::size_t k, double GridCost::*which) const {
    return estimate_of(Scale::logarithmic, [&](const Numbers& n) {
      return n.least * (1.0 + (n.grids[k].is_judged ? n.grids[k].*which : infinite));
    });
  }

  GridAnswer grid(std::size_t k) const {
    GridAnswer grid{.ratio = question_.ratios[k], .reason = answer_.reason};
    const GridCost& cost = found_.grids[k];
    if (grid.reason.empty() && !cost.is_judged) grid.reason = beyond_the_sweep;
    if (grid.reason.empty()) grid.reason = reason_of_step(model_, choosing_.errors, cost.level);
    if (grid.reason.empty()) grid.reason = reason_of_misfit(std::max(cost.level, least_judged_cost));
    if (grid.reason.empty()) {
      const auto quantiles = cost_quantiles(*curve_, grid.ratio);
      grid.quantiles.assign(quantiles.begin(), quantiles.end());
      grid.worst = cost_of(k, &GridCost::worst);
      grid.mean = cost_of(k, &GridCost::mean);
      grid.worst_error = error_of(k, &GridCost::worst);
      grid.mean_error = error_of(k, &GridCost::mean);
    }
    if (curve_) {
      const double draws = std::max(1.0, std::log(range_.high / range_.low) / std::log(grid.ratio));
      const RandomSearch random = random_search(*curve_, range_.low, range_.high, draws);
      grid.random_mean = random.mean;
      grid.random_all_diverge = random.all_diverge;
    }
    return grid;
  }

  std::string reason_of_misfit(double level) const {
    for (const ModelFit& fit : fits_)
      if (std::string reason = fit.reason_of_misfit(level); !reason.empty()) return reason;
    return {};
  }

  std::string reason_against_advice(std::size_t k) const {
    if (found_.worst[k].ratio == infinite) return beyond_the_sweep;
    std::string reason = reason_of_step(model_, choosing_.errors, found_.worst[k].level);
    if (reason.empty()) reason = reason_of_misfit(question_.tolerances[k]);
    if (!reason.empty() || !of_half_window_) return reason;
    const double ratio = found_.worst[k].ratio;
    const double of_half = of_half_window_->worst[k].ratio;
    const bool is_near = of_half * of_half < most_rounding * ratio * ratio &&
                         ratio * ratio < most_rounding * of_half * of_half;
    return is_near
               ? reason
               : fmt::format(
                     "the smooth model rounds off a sharp optimum: half its window changes the ratio from {:.3g} to {:.3g}",
                     ratio, of_half);
  }

  CrossingAnswer advice(std::size_t k) const {
    CrossingAnswer advice{.tolerance = question_.tolerances[k], .reason = answer_.reason};
    if (advice.reason.empty()) advice.reason = reason_against_advice(k);
    if (!advice.reason.empty()) return advice;
    advice.ratio = estimate_of(Scale::logarithmic, [k](const Numbers& n) { return n.worst[k].ratio; });
    if (std::isfinite(found_.mean[k].ratio))
      advice.mean_ratio = estimate_of(Scale::logarithmic, [k](const Numbers& n) { return n.mean[k].ratio; });
    if (advice.ratio.ci.low < 1.0) advice.ratio.ci.low = 1.0;  // no grid is finer
    advice.advised = advice.ratio.ci.low;
    if (!std::isfinite(advice.advised)) advice.reason = "no interval: too few seeds or resamples";
    if (advice.advised <= 1.0) {
      advice.advised = unknown;
      advice.reason = "the interval reaches down to a ratio of 1: more seeds are needed";
    }
    if (of_half_window_)
      advice.remark =
          "the smooth model rounds off this optimum; the interval is widened by what half its window says";
    if (found_.worst[k].is_bounded_by_divergence)
      advice.remark = "a lower bound: trials diverge before the cost reaches the tolerance";
    return advice;
  }

  ValleyModel model_;
  ValleyModel half_window_;
  Interval range_;
  const ResampledCurve& choosing_;
  const ResampledCurve* reported_;
  std::int64_t seeds_;
  const GridQuestion& question_;
  Scale scale_;
  ValleyAnswer answer_{};
  std::optional<CostCurve> curve_{};
  Numbers found_{};
  std::vector<Numbers> again_{};
  std::vector<ModelFit> fits_{};
  std::optional<Numbers> of_half_window_{};  ///< where the model rounds off the optimum
};

}  // namespace

ValleyAnswer judge_valley(std::span<const double> rhos, const ResampledCurve& choosing, std::int64_t seeds,
                          const GridQuestion& question, const ResampledCurve* reported) {
  return Judge(rhos, choosing, seeds, question, reported).answer();
}

}  // namespace rhosweep::analysis
