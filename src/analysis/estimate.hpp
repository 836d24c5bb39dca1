#pragma once

#include "rhosweep/analysis/bootstrap.hpp"

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace rhosweep::analysis {

/// A number, its 95 % interval, and its value in every resample of the seeds, from which paired comparisons
/// of two numbers are made.
struct Estimate {
  double value = std::numeric_limits<double>::quiet_NaN();
  Interval ci{};
  std::vector<double> resampled{};  ///< (resamples): empty if there are none
};

/// The scale on which a number's resamples are about as far above it as below.
enum class Scale { linear, logarithmic };

/// The 95 % interval of a number from its resamples. The percentile interval is too narrow for few seeds: the
/// bootstrap's variance lacks the factor n/(n−1), and the normal quantile stands where Student's t with n−1
/// degrees of freedom belongs. So its ends are moved away from the median of the resamples by that factor
/// (Hesterberg 2015, "What teachers should know about the bootstrap", section 5.3). Where that median is
/// infinite, the largest finite resample stands for it.
/// @param resampled +∞ where a resample cannot bound the number from above; NaN makes the interval unknown
/// @return unknown, too, with fewer than fewest_seeds seeds, and where a few seeds decide: where the middle
/// 95 % of the resamples fall into two parts that are more than a factor of 2 and more than half of their
/// range apart. (One seed of 1e8 among 16 is in 64 % of the resamples.) The distances are of logarithms if
/// all resamples are positive; if not, the factor of 2 is a distance of more than the median's absolute
/// value.
Interval seed_interval(std::vector<double> resampled, std::int64_t seeds, Scale scale);

/// What Scale::logarithmic or Scale::linear does with the resamples of a number that is at hand.
Estimate estimate(double value, std::vector<double> resampled, std::int64_t seeds, Scale scale);

/// Widens an interval by what half the window of a smooth model says. Where the window rounds off a kink, its
/// error is in proportion to its width: twice the number by half the window, minus the number by the whole
/// one, has none of it (on the scale; Richardson's extrapolation). The interval comes to include that of this
/// difference, and the number by half the window.
/// @param half the number by half the window, in the same resamples
void include_half_window(const Estimate& half, std::int64_t seeds, Scale scale, Estimate& found);

/// a/b of numbers that were resampled together: what their noise has in common cancels.
Estimate paired_ratio(const Estimate& a, const Estimate& b, std::int64_t seeds);

/// P(T ≤ t) of Student's t distribution. @param degrees of freedom, at least 1
double student_below(double t, std::int64_t degrees);

/// The 97.5 % quantile of Student's t distribution. @param degrees of freedom, at least 1
double student_quantile(std::int64_t degrees);

/// Whether an interval says too little to act on: its ends are more than `factor` apart, or it is unknown.
bool is_too_wide(const Interval& interval, double factor = 2.0);

}  // namespace rhosweep::analysis
