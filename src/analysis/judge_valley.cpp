#include "judge_valley.hpp"

#include "grid_cost.hpp"

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

/// A model of half the window, to see whether the window of the model is too wide for a curve.
constexpr ValleyOptions narrow_options{.half_width = 0.575, .least_points = 4};
/// What half the window may change of log e at the optimum, as a share of the logarithm of a tolerance. At a
/// kink the whole error is twice that: at a tolerance of 1 and a valley like √g, 32 % of the crossing ratio.
constexpr double most_rounding = 0.1;
/// Costs below this need not be told apart.
constexpr double least_judged_cost = 0.1;

/// How far the points lie from the model, and how much of that the noise of the seeds explains.
struct Misfit {
  double residual = unknown;  ///< root mean square of log e, leave-one-out
  double noise = 0.0;         ///< root mean square of what resampling changes of it
  std::int64_t points = 0;
  double rounding = 0.0;        ///< log e of the model at the optimum minus that of the narrow one
  double rounding_noise = 0.0;  ///< standard deviation of that over the resamples

  /// A minimum of the model with no point near it is the model's own. Of few points the residual exceeds the
  /// noise by chance: three standard deviations of a root mean square are 3/√(2 points) for normal noise, and
  /// this leaves some room.
  bool misses_points(double tolerance) const {
    if (points == 0) return true;
    return residual > 0.5 * std::log1p(tolerance) &&
           residual > noise * (1.0 + 3.0 / std::sqrt(static_cast<double>(points)));
  }

  /// A curve with a kink at its optimum, such as the larger one of two members of a family, is rounded off
  /// there.
  bool rounds_off_optimum(double tolerance) const {
    return std::abs(rounding) > most_rounding * std::log1p(tolerance) &&
           std::abs(rounding) > 4.0 * rounding_noise;
  }
};

/// How the model of a curve misses its points.
class Fit {
 public:
  /// @param narrow of half the window
  Fit(const ValleyModel& model, const ValleyModel& narrow, const ResampledCurve& curve, std::int64_t seeds)
      : model_(model), errors_(curve.errors), squares_(errors_.size(), 0.0), counts_(errors_.size(), 0.0) {
    add_rounding(narrow, curve, seeds);
    const auto n = static_cast<double>(seeds);
    const std::vector<double> at = model.residuals(errors_);
    for (std::int64_t b = 0; b < curve.resamples(); ++b) {
      const std::vector<double> again = model.residuals(curve.resample(b));
      for (std::size_t i = 0; i < at.size(); ++i) {
        if (std::isnan(again[i])) continue;
        squares_[i] += (again[i] - at[i]) * (again[i] - at[i]) * n / (n - 1.0);
        counts_[i] += 1.0;
      }
    }
  }

  /// @param level the points are those where the model lies at most so much above its least value
  Misfit misfit(double level) const {
    Misfit found{.residual = model_.residual(errors_, level),
                 .rounding = rounding_,
                 .rounding_noise = rounding_noise_};
    double sum = 0.0;
    double count = 0.0;
    for (const std::int64_t i : model_.points_below(errors_, level)) {
      sum += squares_[i];
      count += counts_[i];
      ++found.points;
    }
    if (count > 0.0) found.noise = std::sqrt(sum / count);
    return found;
  }

 private:
  /// How much lower the narrow model lies at the optimum, and what resampling changes of that.
  void add_rounding(const ValleyModel& narrow, const ResampledCurve& curve, std::int64_t seeds) {
    const auto valley = model_.fit(curve.errors);
    if (!valley) return;
    const auto rounding_of = [&](std::span<const double> errors) {
      const auto wide = model_.log_at(errors, valley->log_rho);
      const auto close = narrow.log_at(errors, valley->log_rho);
      return wide && close ? *wide - *close : unknown;
    };
    rounding_ = rounding_of(curve.errors);
    const auto n = static_cast<double>(seeds);
    double sum = 0.0;
    double count = 0.0;
    for (std::int64_t b = 0; b < curve.resamples(); ++b) {
      const double again = rounding_of(curve.resample(b));
      if (std::isnan(again)) continue;
      sum += (again - rounding_) * (again - rounding_) * n / (n - 1.0);
      count += 1.0;
    }
    if (count > 0.0) rounding_noise_ = std::sqrt(sum / count);
  }

  const ValleyModel& model_;
  std::span<const double> errors_;
  double rounding_ = 0.0;
  double rounding_noise_ = 0.0;
  std::vector<double> squares_;  ///< (ρ): sum over the resamples of what they change of the residual, squared
  std::vector<double> counts_;   ///< (ρ): how many have one
};

std::string reason_of_misfit(const std::vector<Fit>& fits, double tolerance) {
  for (const Fit& fit : fits) {
    const Misfit misfit = fit.misfit(tolerance);
    if (misfit.misses_points(tolerance))
      return fmt::format(
          "the smooth model does not fit: its residual is {:.2g} in log e, of which noise explains {:.2g}",
          misfit.residual, misfit.noise);
    if (misfit.rounds_off_optimum(tolerance))
      return fmt::format(
          "the smooth model rounds off a sharp optimum: half its window changes log e there by {:.2g}",
          misfit.rounding);
  }
  return {};
}

/// Why the sweep's own grid cannot judge costs up to `level`; empty if it can.
std::string reason_of_step(const ValleyModel& model, std::span<const double> errors, double level) {
  const double step = model.coarsest_step(errors, level);
  return step > coarsest_judged_step
             ? fmt::format("neighbouring stepsizes lie a factor of {:.3g} apart, above {}", step,
                           coarsest_judged_step)
             : std::string();
}

bool has_zero(const ResampledCurve& curve) {
  return std::any_of(curve.errors.begin(), curve.errors.end(), [](double e) { return e <= 0.0; });
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
        narrow_(rhos, narrow_options),
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
    curve_ = curve_of(choosing.errors, reported == nullptr ? choosing.errors : reported->errors);
    found_ = numbers_of(choosing.errors, reported == nullptr ? choosing.errors : reported->errors);
    again_.reserve(choosing.resamples());
    for (std::int64_t b = 0; b < choosing.resamples(); ++b)
      again_.push_back(numbers_of(choosing.resample(b),
                                  reported == nullptr ? choosing.resample(b) : reported->resample(b)));
    fits_.emplace_back(model_, narrow_, choosing, seeds);
    if (reported != nullptr) fits_.emplace_back(model_, narrow_, *reported, seeds);
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
  std::optional<CostCurve> curve_of(std::span<const double> choosing,
                                    std::span<const double> reported) const {
    const auto valley = model_.fit(choosing);
    if (!valley) return std::nullopt;
    if (reported_ == nullptr) return CostCurve(*valley);
    const auto paid = model_.fit(reported);
    return paid ? std::optional(CostCurve(*valley, *paid)) : std::nullopt;
  }

  Numbers numbers_of(std::span<const double> choosing, std::span<const double> reported) const {
    const auto curve = curve_of(choosing, reported);
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
    return estimate(get(found_), std::move(values), seeds_, scale);
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
    if (grid.reason.empty())
      grid.reason = reason_of_misfit(fits_, std::max(std::abs(cost.worst), least_judged_cost));
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

  std::string reason_against_advice(std::size_t k) const {
    if (found_.worst[k].ratio == infinite) return beyond_the_sweep;
    const std::string reason = reason_of_step(model_, choosing_.errors, found_.worst[k].level);
    return reason.empty() ? reason_of_misfit(fits_, question_.tolerances[k]) : reason;
  }

  CrossingAnswer advice(std::size_t k) const {
    CrossingAnswer advice{.tolerance = question_.tolerances[k], .reason = answer_.reason};
    if (advice.reason.empty()) advice.reason = reason_against_advice(k);
    if (!advice.reason.empty()) return advice;
    advice.ratio = estimate_of(Scale::logarithmic, [k](const Numbers& n) { return n.worst[k].ratio; });
    if (std::isfinite(found_.mean[k].ratio))
      advice.mean_ratio = estimate_of(Scale::logarithmic, [k](const Numbers& n) { return n.mean[k].ratio; });
    advice.advised = advice.ratio.ci.low;
    if (!std::isfinite(advice.advised)) advice.reason = "no interval: too few seeds or resamples";
    if (advice.advised <= 1.0) {
      advice.advised = unknown;
      advice.reason = "the interval reaches down to a ratio of 1: more seeds are needed";
    }
    if (found_.worst[k].is_bounded_by_divergence)
      advice.remark = "a lower bound: trials diverge before the cost reaches the tolerance";
    return advice;
  }

  ValleyModel model_;
  ValleyModel narrow_;
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
  std::vector<Fit> fits_{};
};

}  // namespace

ValleyAnswer judge_valley(std::span<const double> rhos, const ResampledCurve& choosing, std::int64_t seeds,
                          const GridQuestion& question, const ResampledCurve* reported) {
  return Judge(rhos, choosing, seeds, question, reported).answer();
}

}  // namespace rhosweep::analysis
