#pragma once

#include "rhosweep/theory/bounds.hpp"

#include <cstdint>
#include <vector>

namespace rhosweep::theory {

/// The bound ratio of a schedule as a function of ρ, without smoothness. It computes the same as
/// bound_ratios, but needs O(T) time once and then O(log T) for each ρ. Immutable. It keeps only those k that
/// are optimal at some ρ, which form the lower envelope of the lines S/S_k + (Q_k/Q) ρ², in 32 bytes each.
/// Neighbouring k whose S and Q differ by less than a factor of 1 + 10⁻⁶ count as one. So memory is bounded
/// for any T; ratios change by less than 10⁻⁶ in relative terms, and only beyond a million steps.
class BoundCurve {
 public:
  /// @pre steps ≥ 1
  BoundCurve(const model::Schedule& schedule, std::int64_t steps, Form form = Form::last_iterate);

  /// Whether h is 0 at every step, so that there is no ratio. The functions below require that it is not.
  bool empty() const { return lines_.empty(); }
  /// @pre ρ > 0
  BoundRatio at(double rho) const;
  /// Returns the largest ratio, that of the trivial bound G·D: √(S/Q).
  double cap() const { return cap_; }

  /// An interval of ln ρ whose ratios are at most some level.
  struct Interval {
    double from = 0.0;
    double to = 0.0;
  };
  /// Returns the set { ln ρ : ratio ≤ level } as disjoint intervals in increasing order. Most schedules have
  /// one; a schedule with several plateaus may have more. @pre level ≤ cap()
  std::vector<Interval> at_most(double level) const;

 private:
  /// The line of one k: where it is the lowest, the ratio is ½ (distance/ρ + noise·ρ).
  struct Line {
    double distance = 0.0;
    double noise = 0.0;
    std::int64_t restart = 0;
  };
  /// The lines around a local minimum: the ratio falls from `first` to `bottom` and rises from there to
  /// `last`.
  struct Valley {
    std::int64_t first = 0;
    std::int64_t bottom = 0;
    std::int64_t last = 0;
  };

  void find_valleys();
  double bottom_of(std::int64_t line) const;  ///< the ρ that minimises a line
  double end_of(std::int64_t line) const;     ///< the ρ up to which the line is the lowest
  double value(std::int64_t line, double rho) const;

  std::vector<Line> lines_;   ///< in the order of the ρ where they are the lowest
  std::vector<double> from_;  ///< (lines): the least ρ at which the line is the lowest; 0 for the first
  std::vector<Valley> valleys_;
  double cap_ = 0.0;
};

}  // namespace rhosweep::theory
