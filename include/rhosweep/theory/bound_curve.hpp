#pragma once

#include "rhosweep/theory/bounds.hpp"

#include <cstdint>
#include <vector>

namespace rhosweep::theory {

/// The bound ratio of a schedule as a function of ρ, without smoothness. Gives the same values as
/// bound_ratios(), but needs O(T) time once and then O(log T) for each ρ. Immutable. Stores 32 bytes for each
/// step k that minimises the bound at some ρ. With the symbols of BoundRatio, S/S_k + (Q_k/Q)·ρ² is a
/// straight line in ρ² for each k, and the stored k are those of the lower envelope of these lines.
/// Neighbouring k whose S_k and Q_k differ by less than a factor of 1 + 10⁻⁶ count as one, so the memory is
/// limited however large T is. This changes ratios by less than 10⁻⁶ in relative terms, and only for more
/// than a million steps.
class BoundCurve {
 public:
  /// @pre steps ≥ 1
  BoundCurve(const model::Schedule& schedule, std::int64_t steps, Form form = Form::last_iterate);

  /// Returns whether the schedule is 0 at every step. Then there is no ratio, and the functions below must
  /// not be called.
  bool empty() const { return lines_.empty(); }
  /// @pre ρ > 0
  BoundRatio at(double rho) const;
  /// Returns √(S/Q), the largest ratio. It belongs to the trivial bound G·D.
  double cap() const { return cap_; }

  /// An interval of ln ρ in which the ratio is at most a given level.
  struct Interval {
    double from = 0.0;
    double to = 0.0;
  };
  /// Returns the set { ln ρ : ratio ≤ level } as disjoint intervals in increasing order. Most schedules have
  /// one interval; a schedule with several plateaus may have more. @pre level ≤ cap()
  std::vector<Interval> at_most(double level) const;

 private:
  /// The bound ratio at ρ if the restart is at step k: ½ (distance/ρ + noise·ρ), with distance = S/S_k and
  /// noise = Q_k/Q, where S and Q are the sums S_k and Q_k of the tuned bound. Multiplied by ρ, it is a
  /// straight line in ρ². The bound ratio at ρ is the least over all k.
  struct Line {
    double distance = 0.0;
    double noise = 0.0;
    std::int64_t restart = 0;
  };
  /// The indices of the lines around a local minimum of the ratio: the ratio falls from line `first` to line
  /// `bottom`, and rises from there to line `last`.
  struct Valley {
    std::int64_t first = 0;
    std::int64_t bottom = 0;
    std::int64_t last = 0;
  };

  void find_valleys();
  double bottom_of(std::int64_t line) const;  ///< the ρ at which the ratio of a line is least
  double end_of(std::int64_t line) const;     ///< the ρ up to which the line is the lowest
  double value(std::int64_t line, double rho) const;

  std::vector<Line> lines_;   ///< the lines that are the lowest at some ρ, in the order of these ρ
  std::vector<double> from_;  ///< the least ρ at which each line is the lowest; 0 for the first line
  std::vector<Valley> valleys_;
  double cap_ = 0.0;
};

}  // namespace rhosweep::theory
