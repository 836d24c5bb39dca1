#pragma once

#include "valley.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace rhosweep::analysis {

/// A part of a curve over which both values are linear.
struct CurvePiece {
  double width = 0.0;  ///< in log ρ
  double rise_begin = 0.0;
  double rise_end = 0.0;
  double cost_begin = 0.0;
  double cost_end = 0.0;
};

/// The places around the optimum that no barrier above a level separates from it.
struct Dip {
  double width = 0.0;
  double level = 0.0;  ///< of the rise
  double begin = 0.0;  ///< log ρ from the first knot
  double end = 0.0;
  double cost_begin = 0.0;  ///< at `begin`
  double cost_end = 0.0;
  double worst = 0.0;   ///< the largest cost inside
  double area = 0.0;    ///< integral of the cost
  double beyond = 0.0;  ///< the least rise outside
};

/// What chooses among the stepsizes of a grid, the rise, and what is then paid, the cost. Both are linear
/// between knots. Without a second metric they are the same.
class CostCurve {
 public:
  explicit CostCurve(const Valley& valley);
  /// @param reported e of another metric, whose cost is over its value at the optimum of `choosing`; NaN
  /// where it has no model
  CostCurve(const Valley& choosing, const Valley& reported);

  /// Whether the rise is the cost.
  bool is_own() const { return is_own_; }
  /// e of the reported metric at the optimum of the choosing one.
  double tuned() const { return tuned_; }
  double log_rho_first() const { return log_rho_first_; }
  /// Of the choosing metric's optimum, as its model has it.
  double log_rho_best() const { return log_rho_best_; }
  double width() const { return places_.back(); }
  std::int64_t size() const { return std::ssize(places_); }
  /// (knots): log ρ from the first knot, increasing.
  std::span<const double> places() const { return places_; }
  std::span<const double> rises() const { return rises_; }
  std::span<const double> costs() const { return costs_; }
  Bound below() const { return below_; }
  Bound above() const { return above_; }

  /// By increasing width, from the optimum to the whole curve: between two that follow each other everything
  /// but `area` and `beyond` is linear in the width. `beyond` holds from one to the next.
  const std::vector<Dip>& dips() const { return dips_; }
  /// The dip of a width up to width().
  Dip dip_at(double width) const;
  /// The pieces between two places.
  std::vector<CurvePiece> pieces(double begin, double end) const;

  /// The cost at a log ρ; NaN beyond the ends.
  double cost_at(double log_rho) const;

  /// Whether nothing beyond the ends can be chosen where the rise is at most `level`.
  bool encloses(double level) const;
  /// What a place with at most this rise meets at an end: diverged trials or a cliff; otherwise Bound::sweep.
  Bound met(double level) const;

 private:
  struct ArmPoint;
  std::vector<ArmPoint> arm(std::int64_t direction) const;
  void find_dips();
  void add_dip(const ArmPoint& left, const ArmPoint& right, double level);

  bool is_own_;
  double tuned_;
  double log_rho_first_;
  double log_rho_best_;
  Bound below_;
  Bound above_;
  std::vector<double> places_{};
  std::vector<double> rises_{};
  std::vector<double> costs_{};
  std::vector<Dip> dips_{};
};

/// A dip between two that follow each other. @param share of the way from `a` to `b`, in [0, 1]
Dip between(const Dip& a, const Dip& b, double share);

}  // namespace rhosweep::analysis
