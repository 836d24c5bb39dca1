#pragma once

#include "valley.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace rhosweep::analysis {

/// Root mean square of what resampling the seeds changes of a number, as an estimate of its standard
/// deviation.
class Noise {
 public:
  explicit Noise(std::int64_t seeds)
      : factor_(static_cast<double>(seeds) / (static_cast<double>(seeds) - 1.0)) {}

  /// NaN is left out.
  void add(double change);
  void add(const Noise& other);
  /// NaN without changes, and of one seed.
  double value() const;

 private:
  double factor_;
  double sum_ = 0.0;
  double count_ = 0.0;
};

/// Whether a model rounds off its curve's optimum. A kink there, such as that of max(ρ, 1/ρ), is rounded off
/// in proportion to the window.
enum class Rounding {
  none,      ///< half the window lowers log e at the optimum by less than 0.01 or one standard deviation, or
             ///< the noise is unknown
  possible,  ///< by more
  certain    ///< by more than four standard deviations
};

/// How the model of a curve misses it, and how much of that the noise of the seeds explains.
class ModelFit {
 public:
  /// @param fit must outlive it
  ModelFit(const ValleyFit& fit, std::int64_t seeds);

  /// Takes what a resample of the seeds makes of the curve.
  void add(const ValleyFit& again);

  /// Why the model says nothing about costs of `level`, that is 1 + level times the least; empty if it does:
  /// a residual, or a rounding that is certain, is too large for it; where the noise is unknown, any rounding
  /// counts. The residuals count where the model lies at most so much above its least value.
  std::string reason_of_misfit(double level) const;

  Rounding rounding() const;

 private:
  /// What half the window changes of log e at a place.
  struct Place {
    double log_rho;
    double rounding;
    Noise noise;

    bool exceeds(double deviations) const;
    /// Nothing tells it from noise, or it is larger than that.
    bool is_not_noise() const;
  };

  const ValleyFit& fit_;
  std::vector<Place> places_{};  ///< the optimum by the whole window, and by half of it
  std::vector<double> residuals_;
  std::vector<Noise> noise_;  ///< (ρ): of the residuals
};

}  // namespace rhosweep::analysis
