#pragma once

#include "judge_valley.hpp"
#include "valley.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace rhosweep::analysis {

/// A model of half the window. It follows a curve's optimum more closely, and its noise.
inline constexpr ValleyOptions half_window{.half_width = 0.575, .least_points = 4};

/// How the model of a curve misses it, and how much of that the noise of the seeds explains.
class ModelFit {
 public:
  /// @param half of half the window
  /// @param curve must outlive it, as must the models
  ModelFit(const ValleyModel& model, const ValleyModel& half, const ResampledCurve& curve,
           std::int64_t seeds);

  /// Why the model says nothing about costs of `level`, that is 1 + level times the least; empty if it does.
  /// The residuals count where the model lies at most so much above its least value.
  std::string reason_of_misfit(double level) const;

  /// Whether half the window lowers the optimum by more than noise explains. A curve with a kink there, such
  /// as the larger one of two members of a family, is rounded off in proportion to the window.
  bool rounds_off_optimum() const { return rounds_off_optimum_; }

 private:
  bool rounds_off_at(double log_rho, const ValleyModel& half, const ResampledCurve& curve,
                     std::int64_t seeds) const;

  const ValleyModel& model_;
  std::span<const double> errors_;
  bool rounds_off_optimum_ = false;
  std::vector<double> squares_;  ///< (ρ): sum over the resamples of what they change of the residual, squared
  std::vector<double> counts_;   ///< (ρ): how many have one
};

}  // namespace rhosweep::analysis
