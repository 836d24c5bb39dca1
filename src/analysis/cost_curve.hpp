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

/// The interval around the optimum that can be reached from it without a rise above `level`.
struct Dip {
  double width = 0.0;
  double level = 0.0;  ///< the largest rise inside
  double begin = 0.0;  ///< log ρ from the first knot
  double end = 0.0;
  double cost_begin = 0.0;  ///< at `begin`
  double cost_end = 0.0;
  double worst = 0.0;   ///< the largest cost inside
  double area = 0.0;    ///< integral of the cost
  double beyond = 0.0;  ///< the least rise outside
};

/// The rise, which chooses among the stepsizes of a grid, and the cost of that choice. Both are linear
/// between knots. Without a second metric they are the same.
class CostCurve {
 public:
  explicit CostCurve(const Valley& valley);
  /// @param reported e of the metric that costs are of, relative to its value at the optimum of `choosing`;
  /// the cost is NaN where this metric has no model
  CostCurve(const Valley& choosing, const Valley& reported);

  /// Whether the rise is the cost.
  bool is_own() const { return is_own_; }
  /// e of the reported metric at the optimum of the choosing one.
  double tuned() const { return tuned_; }
  double log_rho_first() const { return log_rho_first_; }
  /// log ρ of the choosing metric's optimum, by its model.
  double log_rho_best() const { return log_rho_best_; }
  double width() const { return places_.back(); }
  std::int64_t size() const { return std::ssize(places_); }
  /// (knots): log ρ from the first knot, increasing.
  std::span<const double> places() const { return places_; }
  std::span<const double> rises() const { return rises_; }
  std::span<const double> costs() const { return costs_; }
  Bound below() const { return below_; }
  Bound above() const { return above_; }

  /// Returns the dips by increasing width, from the optimum to the whole curve. Between consecutive dips
  /// every member but `area` and `beyond` is linear in the width, and `beyond` is that of the narrower dip.
  const std::vector<Dip>& dips() const { return dips_; }
  /// Returns the dip of a given width. @pre at most width()
  Dip dip_at(double width) const;
  /// Returns the pieces between two places.
  std::vector<CurvePiece> pieces(double begin, double end) const;

  /// The cost at a log ρ; NaN beyond the ends.
  double cost_at(double log_rho) const;

  /// Whether every place with a rise of at most `level` lies on the curve: each end rises above `level`, or
  /// nothing beyond it can be chosen because trials diverge.
  bool encloses(double level) const;
  /// Returns what cuts off the places with a rise of at most `level`: diverged trials or a cliff at an end;
  /// otherwise Bound::sweep.
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

/// Interpolates between two consecutive dips. @param share of the way from `a` to `b`, in [0, 1]
Dip between(const Dip& a, const Dip& b, double share);

}  // namespace rhosweep::analysis
