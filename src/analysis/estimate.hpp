#pragma once

#include "rhosweep/analysis/bootstrap.hpp"

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace rhosweep::analysis {

/// A number with its 95 % interval, and its value in every resample of the seeds, which allows paired
/// comparisons with other numbers.
struct Estimate {
  double value = std::numeric_limits<double>::quiet_NaN();
  Interval ci{};
  std::vector<double> resampled{};  ///< (resamples): empty if there are none
};

/// The scale on which the resamples of a number are roughly symmetric about it.
enum class Scale { linear, logarithmic };

/// Returns the 95 % interval of a number from its resamples. The percentile interval is too narrow for few
/// seeds. With n seeds, the bootstrap's variance lacks the factor n/(n−1), and the percentiles correspond to
/// the normal quantile instead of Student's t with n−1 degrees of freedom. So the distances of the interval's
/// ends from the median of the resamples are multiplied by √(n/(n−1)) and by the ratio of these quantiles
/// (Hesterberg 2015, "What teachers should know about the bootstrap", section 5.3). If the median is
/// infinite, the largest finite resample replaces it.
/// @param resampled +∞ where a resample cannot bound the number from above; NaN makes the interval unknown
/// @return the interval. It is also unknown with fewer than fewest_seeds seeds and where a few seeds decide,
/// that is, if a gap splits the middle 95 % of the resamples into two parts. This gap must be larger than
/// half of the range of the middle 95 %, and larger than a factor of 2. (It appears, for example, if one of
/// 16 seeds has an error of 1e8, because 64 % of the resamples contain this seed.) Gap and range are between
/// logarithms if all resamples are positive; otherwise the median's absolute value replaces the factor of 2.
Interval seed_interval(std::vector<double> resampled, std::int64_t seeds, Scale scale);

/// Returns a value together with the seed_interval() of its resamples on the given scale.
Estimate estimate(double value, std::vector<double> resampled, std::int64_t seeds, Scale scale);

/// Widens the interval of `found`, a number from a model that smooths over a window, so that it covers the
/// error of the smoothing. Where the model rounds off a kink, this error is proportional to the window's
/// width. So Richardson's extrapolation, twice the number with half the window minus the number with the
/// whole window, on the given scale, cancels it. The widened interval includes the extrapolated number, its
/// interval, and the number with half the window.
/// @param half the number with half the window, and its values in the same resamples as those of `found`
void include_half_window(const Estimate& half, std::int64_t seeds, Scale scale, Estimate& found);

/// Returns a/b for two numbers with the same resamples. The interval comes from the ratio in each resample,
/// so the noise that both numbers have in common cancels.
Estimate paired_ratio(const Estimate& a, const Estimate& b, std::int64_t seeds);

/// Returns P(T ≤ t) of Student's t distribution. @param degrees the degrees of freedom, at least 1
double student_below(double t, std::int64_t degrees);

/// Returns the 97.5 % quantile of Student's t distribution. @param degrees the degrees of freedom, at least 1
double student_quantile(std::int64_t degrees);

/// Whether an interval says too little to act on: its ends are more than `factor` apart, or it is unknown.
bool is_too_wide(const Interval& interval, double factor = 2.0);

}  // namespace rhosweep::analysis
