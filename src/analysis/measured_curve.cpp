#include "measured_curve.hpp"

#include "estimate.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace rhosweep::analysis {

namespace {

/// Tolerance for rounding of a ratio of two ρ of a grid.
constexpr double ratio_rounding = 1e-9;

/// Returns log e at the ρ with the indices `places`; NaN where e is not positive.
std::vector<double> log_errors(std::span<const double> errors, const std::vector<std::int64_t>& places) {
  std::vector<double> logs;
  logs.reserve(places.size());
  for (const std::int64_t i : places) logs.push_back(errors[i] > 0.0 ? std::log(errors[i]) : unknown);
  return logs;
}

}  // namespace

double slope(std::span<const double> x, std::span<const double> y) {
  if (x.size() < 2) return unknown;
  const auto n = static_cast<double>(x.size());
  const double mean_x = std::accumulate(x.begin(), x.end(), 0.0) / n;
  const double mean_y = std::accumulate(y.begin(), y.end(), 0.0) / n;
  double xy = 0.0;
  double xx = 0.0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    xy += (x[i] - mean_x) * (y[i] - mean_y);
    xx += (x[i] - mean_x) * (x[i] - mean_x);
  }
  return xy / xx;
}

MeasuredCurve::MeasuredCurve(std::vector<double> rhos, Summary summary, std::vector<double> resampled)
    : rho_(std::move(rhos)), summary_(std::move(summary)), resampled_(std::move(resampled)) {
  const auto& error = errors();
  for (std::int64_t i = 0; i < size(); ++i)
    if (std::isfinite(error[i]) && (best_ < 0 || error[i] < error[best_])) best_ = i;
  if (std::ssize(summary_.member_errors) <= size()) return;
  const std::int64_t members = std::ssize(summary_.member_errors);
  for (std::int64_t first = 0; first < std::ssize(resampled_); first += members) {
    const auto worst = worst_of_members(std::span(resampled_).subspan(first, members), size());
    worst_.insert(worst_.end(), worst.begin(), worst.end());
  }
}

Interval MeasuredCurve::interval(std::int64_t i, std::int64_t seeds) const {
  std::vector<double> values;
  values.reserve(resamples());
  for (std::int64_t b = 0; b < resamples(); ++b) values.push_back(resampled_errors()[b * size() + i]);
  return seed_interval(std::move(values), seeds, Scale::linear);
}

void MeasuredCurve::fill(const Selection& selection, std::span<const Missing> missing, double tuned_error,
                         ScheduleAnalysis& into) const {
  for (const Missing& trials : missing) into.missing += trials;
  if (summary_.trials > 0)
    into.diverged_share =
        static_cast<double>(summary_.diverged_trials) / static_cast<double>(summary_.trials);
  for (std::int64_t i = 0; i < size(); ++i) {
    if (!is_present(i)) {
      into.left_out.push_back({.rho = rho_[i], .missing = missing[i]});
      continue;
    }
    CurvePoint point{.rho = rho_[i],
                     .ratio_to_best = rho_[i] / into.best_rho,
                     .value = selection.to_metric(errors()[i]),
                     .ci = to_metric(selection, interval(i, std::ssize(selection.seeds))),
                     .diverged = summary_.diverged[i],
                     .missing = missing[i]};
    if (selection.points.size() > 1) point.worst_at = summary_.worst_at[i];
    // Errors have no ratio to a tuned error of zero, which rounding may make negative.
    if (tuned_error > 0.0) point.error_ratio = errors()[i] / tuned_error;
    into.curve.push_back(point);
  }
}

double MeasuredCurve::error_at(double rho) const {
  const auto& error = errors();
  if (best_ < 0 || rho > rho_.back() * (1 + ratio_rounding)) return unknown;
  std::int64_t low = -1;
  std::int64_t high = -1;
  for (std::int64_t i = 0; i < size(); ++i) {
    if (!is_present(i)) continue;
    const bool is_at_or_below = rho_[i] <= rho * (1 + ratio_rounding);
    if (is_at_or_below && i > best_ && error[i] == infinite) return infinite;
    if (is_at_or_below) low = i;
    if (high < 0 && rho_[i] >= rho * (1 - ratio_rounding)) high = i;
  }
  const auto is_known = [&](std::int64_t i) { return i >= 0 && std::isfinite(error[i]) && error[i] > 0.0; };
  if (!is_known(low) || !is_known(high)) return unknown;
  const double share = high == low ? 0.0 : std::log(rho / rho_[low]) / std::log(rho_[high] / rho_[low]);
  return error[low] * std::pow(error[high] / error[low], share);
}

std::int64_t MeasuredCurve::fill_exponent(const Window& window, std::int64_t seeds,
                                          ScheduleAnalysis& into) const {
  std::vector<std::int64_t> places;
  std::vector<double> log_rho;
  std::vector<double> log_theory;
  std::int64_t left_out = 0;
  for (std::int64_t i = 0; i < size(); ++i) {
    const double ratio = rho_[i] / into.best_rho;
    const bool is_inside = ratio >= std::max(window.low, 1.0) * (1 - ratio_rounding) &&
                           ratio <= window.high * (1 + ratio_rounding) && is_present(i);
    if (!is_inside) continue;
    if (std::isinf(errors()[i])) {
      ++left_out;
      continue;
    }
    places.push_back(i);
    log_rho.push_back(std::log(rho_[i]));
    for (const CurvePoint& point : into.curve)
      if (point.rho == rho_[i]) log_theory.push_back(std::log(point.theory_ratio));
  }
  into.exponent_points = std::ssize(places);
  if (!places.empty())
    into.exponent_range = {rho_[places.front()] / into.best_rho, rho_[places.back()] / into.best_rho};
  into.exponent = slope(log_rho, log_errors(errors(), places));
  into.bound_slope = slope(log_rho, log_theory);
  std::vector<double> slopes;
  for (std::int64_t b = 0; b < resamples(); ++b)
    slopes.push_back(
        slope(log_rho, log_errors(std::span(resampled_errors()).subspan(b * size(), size()), places)));
  into.exponent_ci = seed_interval(std::move(slopes), seeds, Scale::linear);
  return left_out;
}

}  // namespace rhosweep::analysis
