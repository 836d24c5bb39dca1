#include "estimate.hpp"

#include "rhosweep/analysis/analysis.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace rhosweep::analysis {

namespace {

constexpr double normal_quantile = 1.959963984540054;

double widening(std::int64_t seeds) {
  const auto n = static_cast<double>(seeds);
  return student_quantile(seeds - 1) / normal_quantile * std::sqrt(n / (n - 1.0));
}

/// Whether resamples fall into two parts, as defined at seed_interval().
/// @param sorted the resamples, increasing and without NaN
/// @param middle95 the middle 95 % of `sorted`
bool is_of_two_parts(const std::vector<double>& sorted, const Interval& middle95) {
  if (middle95.high == infinite) return false;
  const bool is_positive = sorted.front() > 0.0;
  const auto scaled = [is_positive](double value) { return is_positive ? std::log(value) : value; };
  const double far = is_positive ? std::log(2.0) : std::abs(sorted[sorted.size() / 2]);
  double widest = 0.0;
  for (auto value = std::lower_bound(sorted.begin(), sorted.end(), middle95.low);
       value + 1 != sorted.end() && *(value + 1) <= middle95.high; ++value)
    widest = std::max(widest, scaled(*(value + 1)) - scaled(*value));
  return widest > far && widest > 0.5 * (scaled(middle95.high) - scaled(middle95.low));
}

}  // namespace

double student_below(double t, std::int64_t degrees) {
  // The finite sums of formulas 26.7.3 and 26.7.4 in Abramowitz and Stegun.
  const double angle = std::atan(t / std::sqrt(static_cast<double>(degrees)));
  const double c2 = std::cos(angle) * std::cos(angle);
  const bool is_odd = degrees % 2 == 1;
  double term = is_odd ? std::cos(angle) : 1.0;
  double sum = degrees == 1 ? 0.0 : term;
  for (std::int64_t k = is_odd ? 3 : 2; k + 2 <= degrees; k += 2) {
    term *= c2 * static_cast<double>(k - 1) / static_cast<double>(k);
    sum += term;
  }
  constexpr double pi = 3.141592653589793;
  const double between = is_odd ? 2.0 / pi * (angle + std::sin(angle) * sum) : std::sin(angle) * sum;
  return 0.5 + 0.5 * between;
}

double student_quantile(std::int64_t degrees) {
  // Beyond a million degrees, the sums would take long, and the normal quantile agrees to six digits.
  if (degrees > 1'000'000) return normal_quantile;
  double low = normal_quantile;
  double high = 13.0;  // the quantile is 12.706 at one degree of freedom
  for (int i = 0; i < 60; ++i) {
    const double middle = 0.5 * (low + high);
    (student_below(middle, degrees) < 0.975 ? low : high) = middle;
  }
  return 0.5 * (low + high);
}

Interval seed_interval(std::vector<double> resampled, std::int64_t seeds, Scale scale) {
  if (seeds < fewest_seeds) return {};
  Interval found = percentile_interval(resampled);
  if (std::isnan(found.low)) return {};
  std::sort(resampled.begin(), resampled.end());
  if (is_of_two_parts(resampled, found)) return {};
  const auto scaled = [scale](double value) { return scale == Scale::logarithmic ? std::log(value) : value; };
  double middle = resampled[resampled.size() / 2];
  if (middle == infinite) {
    const auto first_infinite = std::lower_bound(resampled.begin(), resampled.end(), infinite);
    if (first_infinite != resampled.begin()) middle = *(first_infinite - 1);
  }
  middle = scaled(middle);
  const double factor = widening(seeds);
  const auto moved = [&](double end) {
    return std::isinf(end) || std::isinf(middle) ? end : middle + factor * (end - middle);
  };
  found = {.low = moved(scaled(found.low)), .high = moved(scaled(found.high))};
  if (scale == Scale::logarithmic) found = {.low = std::exp(found.low), .high = std::exp(found.high)};
  return found;
}

void include_half_window(const Estimate& half, std::int64_t seeds, Scale scale, Estimate& found) {
  if (std::isnan(found.ci.low) || std::isnan(half.value)) return;
  const auto extrapolated = [scale](double of_half, double of_whole) {
    if (std::isinf(of_half) || std::isinf(of_whole)) return of_half;
    return scale == Scale::logarithmic ? of_half * (of_half / of_whole) : of_half + (of_half - of_whole);
  };
  std::vector<double> values(std::min(half.resampled.size(), found.resampled.size()));
  for (std::size_t b = 0; b < values.size(); ++b)
    values[b] = extrapolated(half.resampled[b], found.resampled[b]);
  const Interval limits = seed_interval(std::move(values), seeds, scale);
  for (const double value : {half.value, extrapolated(half.value, found.value), limits.low, limits.high}) {
    if (std::isnan(value)) continue;
    found.ci.low = std::min(found.ci.low, value);
    found.ci.high = std::max(found.ci.high, value);
  }
}

Estimate estimate(double value, std::vector<double> resampled, std::int64_t seeds, Scale scale) {
  Estimate found{.value = value, .resampled = std::move(resampled)};
  if (!std::isnan(value)) found.ci = seed_interval(found.resampled, seeds, scale);
  return found;
}

Estimate paired_ratio(const Estimate& a, const Estimate& b, std::int64_t seeds) {
  std::vector<double> ratios(std::min(a.resampled.size(), b.resampled.size()));
  for (std::size_t i = 0; i < ratios.size(); ++i) ratios[i] = a.resampled[i] / b.resampled[i];
  return estimate(a.value / b.value, std::move(ratios), seeds, Scale::logarithmic);
}

bool is_too_wide(const Interval& interval, double factor) {
  return !(interval.low > 0.0 && interval.high <= factor * interval.low);
}

}  // namespace rhosweep::analysis
