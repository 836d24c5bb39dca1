#pragma once

#include "rhosweep/theory/bounds.hpp"

#include <cstdint>
#include <vector>

namespace rhosweep::theory {

/// The bound ratio of a schedule as a function of ρ, without smoothness: what bound_ratios computes, after
/// O(T) time once in O(log T) for each ρ. Immutable. It keeps those k that are the best ones at some ρ, the
/// lower envelope of the lines S/S_k + (Q_k/Q) ρ², in 32 bytes each. Neighbouring k whose S and Q differ by
/// less than 10⁻⁶ of them count as one. So the memory is bounded for any T, and ratios change by less than
/// 10⁻⁶ of them, and beyond a million steps only.
class BoundCurve {
 public:
  /// @pre steps ≥ 1
  BoundCurve(const model::Schedule& schedule, std::int64_t steps, Form form = Form::last_iterate);

  /// Whether h is 0 at every step; then there is no ratio. The functions below require that it is not.
  bool empty() const { return lines_.empty(); }
  /// @pre ρ > 0
  BoundRatio at(double rho) const;
  /// The largest ratio, that of G·D: √(S/Q).
  double cap() const { return cap_; }

  /// From where to where ln ρ has ratios of at most some level.
  struct Interval {
    double from = 0.0;
    double to = 0.0;
  };
  /// The set { ln ρ : ratio ≤ level }, as disjoint intervals in increasing order. One for most schedules; one
  /// with several plateaus may have more. @pre level ≤ cap()
  std::vector<Interval> at_most(double level) const;

 private:
  /// One k: the ratio is ½ (distance/ρ + noise·ρ) where its line is the lowest.
  struct Line {
    double distance = 0.0;
    double noise = 0.0;
    std::int64_t restart = 0;
  };
  /// The lines around a local minimum: the ratio falls from the first one to `bottom`, and rises to the last.
  struct Valley {
    std::int64_t first = 0;
    std::int64_t bottom = 0;
    std::int64_t last = 0;
  };

  void find_valleys();
  double bottom_of(std::int64_t line) const;  ///< the rho with the least value of a line
  double end_of(std::int64_t line) const;     ///< the rho up to which it is the lowest
  double value(std::int64_t line, double rho) const;

  std::vector<Line> lines_;   ///< in the order of the ρ where they are the lowest
  std::vector<double> from_;  ///< ρ from which on each of the lines is the lowest; 0 for the first
  std::vector<Valley> valleys_;
  double cap_ = 0.0;
};

}  // namespace rhosweep::theory
