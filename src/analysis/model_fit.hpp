#pragma once

#include "valley.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace rhosweep::analysis {

/// Estimates the standard deviation of a number as the root mean square of its changes under resampling of
/// the seeds.
class Noise {
 public:
  explicit Noise(std::int64_t seeds)
      : factor_(static_cast<double>(seeds) / (static_cast<double>(seeds) - 1.0)) {}

  /// Adds the change in one resample; NaN is ignored.
  void add(double change);
  void add(const Noise& other);
  /// Returns the estimated standard deviation; NaN without changes or with one seed.
  double value() const;

 private:
  double factor_;
  double sum_ = 0.0;
  double count_ = 0.0;
};

/// Whether a model rounds off its curve's optimum. A kink there, such as that of max(ρ, 1/ρ), is rounded off
/// in proportion to the window, so that half the window gives a lower log e there.
enum class Rounding {
  none,      ///< half the window lowers log e at the optimum by at most 0.01, or by at most one standard
             ///< deviation of the noise; or the noise is unknown
  possible,  ///< half the window lowers log e by more than that, up to four standard deviations
  certain    ///< half the window lowers log e by more than 0.01 and by more than four standard deviations
};

/// The misfit between a curve and its model, and how much of it the noise of the seeds explains.
class ModelFit {
 public:
  /// @param fit must outlive this object
  /// @param seeds number of seeds that are resampled
  ModelFit(const ValleyFit& fit, std::int64_t seeds);

  /// Adds the fit of a resample of the seeds.
  void add(const ValleyFit& again);

  /// Returns why the model cannot judge costs up to `level` (e divided by the least e, minus 1), or "". The
  /// reason is a residual that is too large, or a rounding that is certain and too large. If the noise is
  /// unknown, any rounding counts as certain. Residuals count where the model's rise is at most `level`.
  std::string reason_of_misfit(double level) const;

  Rounding rounding() const;

 private:
  /// The decrease of the model's log e at one log ρ if the window is halved, and the noise of this decrease.
  struct Place {
    double log_rho;
    double rounding;
    Noise noise;

    bool exceeds(double deviations) const;
    /// Whether the rounding clearly exceeds the noise, or the noise is unknown.
    bool is_not_noise() const;
  };

  const ValleyFit& fit_;
  std::vector<Place> places_{};  ///< the optimum with the whole window, and with half the window
  std::vector<double> residuals_;
  std::vector<Noise> noise_;  ///< (ρ): noise of the residuals
};

}  // namespace rhosweep::analysis
