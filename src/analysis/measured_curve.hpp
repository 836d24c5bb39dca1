#pragma once

#include "costs.hpp"
#include "judge_valley.hpp"

#include "rhosweep/analysis/analysis.hpp"

#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

namespace rhosweep::analysis {

/// The measured errors of one schedule, by increasing ρ: the statistic over the seeds and its resamples. The
/// schedule's curve and exponent are computed from them.
class MeasuredCurve {
 public:
  /// @param rhos increasing
  /// @param resampled the errors of every resample, shape (resamples, points, ρ)
  MeasuredCurve(std::vector<double> rhos, Summary summary, std::vector<double> resampled);

  std::int64_t size() const { return std::ssize(rho_); }
  std::int64_t resamples() const { return std::ssize(resampled_errors()) / size(); }
  const Summary& summary() const { return summary_; }
  const std::vector<double>& rhos() const { return rho_; }
  /// Returns the error at every ρ, at the axes point where it is largest, shape (ρ); NaN where a trial is
  /// missing.
  const std::vector<double>& errors() const { return summary_.error; }
  /// Returns the same for every resample of the seeds, shape (resamples, ρ).
  const std::vector<double>& resampled_errors() const { return worst_.empty() ? resampled_ : worst_; }
  /// Returns the curve of each axes point, with its resamples.
  ResampledCurve members() const { return {summary_.member_errors, resampled_}; }
  bool is_present(std::int64_t i) const { return !std::isnan(errors()[i]); }
  /// Returns the index of the ρ with the least error; −1 if no error is finite.
  std::int64_t best() const { return best_; }

  /// Returns the interval of the error at ρ number i. @param seeds number of seeds that were resampled
  Interval interval(std::int64_t i, std::int64_t seeds) const;

  /// Fills curve, left_out, missing and diverged_share. The ratios in the curve are ρ / best_rho and error /
  /// `tuned_error`.
  /// @param missing counts of missing trials, shape (ρ)
  void fill(const Selection& selection, std::span<const Missing> missing, double tuned_error,
            ScheduleAnalysis& into) const;

  /// Returns e at any ρ, interpolated linearly in log e and log ρ between the measured ρ. Returns NaN outside
  /// the measured range. If e is +∞ at measured ρ above the best one, returns +∞ from the first of these on.
  double error_at(double rho) const;

  /// Fills the exponent and the bound's slope. @pre fill() was called
  /// @return number of ρ in the window that are left out because seeds have diverged there
  std::int64_t fill_exponent(const Window& window, std::int64_t seeds, ScheduleAnalysis& into) const;

 private:
  std::vector<double> rho_;
  Summary summary_;
  std::vector<double> resampled_;  ///< (resamples, points, ρ): errors of every resample
  std::vector<double> worst_{};  ///< (resamples, ρ): errors at the worst point; empty if there is one point
  std::int64_t best_ = -1;
};

/// Returns the least-squares slope of y against x; NaN with fewer than two points or if a value is NaN.
double slope(std::span<const double> x, std::span<const double> y);

}  // namespace rhosweep::analysis
