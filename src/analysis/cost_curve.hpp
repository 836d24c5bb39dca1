#pragma once

#include "valley.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace rhosweep::analysis {

/// A part of a CostCurve over which both the rise and the cost are linear in log ρ.
struct CurvePiece {
  double width = 0.0;  ///< in log ρ
  double rise_begin = 0.0;
  double rise_end = 0.0;
  double cost_begin = 0.0;
  double cost_end = 0.0;
};

/// The interval of log ρ around the optimum whose places can be reached from the optimum without passing a
/// rise above `level`.
struct Dip {
  double width = 0.0;
  double level = 0.0;       ///< the largest rise inside
  double begin = 0.0;       ///< log ρ, relative to the curve's first knot
  double end = 0.0;         ///< as `begin`
  double cost_begin = 0.0;  ///< the cost at `begin`
  double cost_end = 0.0;
  double worst = 0.0;   ///< the largest cost inside
  double area = 0.0;    ///< integral of the cost over log ρ, from `begin` to `end`
  double beyond = 0.0;  ///< the least rise at any ρ outside the dip
};

/// Two curves over log ρ, both linear between knots. The rise is e of the metric that chooses stepsizes,
/// divided by its least value, minus 1: of a grid's stepsizes the one with the least rise is chosen. The cost
/// is e of the reported metric, divided by its e at the optimum of the metric that chooses, minus 1. If one
/// metric chooses and is reported, the curves are the same.
class CostCurve {
 public:
  explicit CostCurve(const Valley& valley);
  /// @param choosing the model of the metric that chooses stepsizes
  /// @param reported the model of the reported metric; the cost is NaN beyond the ends of this model
  CostCurve(const Valley& choosing, const Valley& reported);

  /// Whether rise and cost are the same curve.
  bool is_own() const { return is_own_; }
  /// Returns e of the reported metric at the optimum of the metric that chooses stepsizes.
  double tuned() const { return tuned_; }
  double log_rho_first() const { return log_rho_first_; }
  /// Returns log ρ of the optimum of the metric that chooses stepsizes, by its model.
  double log_rho_best() const { return log_rho_best_; }
  double width() const { return places_.back(); }
  std::int64_t size() const { return std::ssize(places_); }
  /// Returns log ρ of the knots, relative to the first knot and increasing, shape (knots).
  std::span<const double> places() const { return places_; }
  std::span<const double> rises() const { return rises_; }
  std::span<const double> costs() const { return costs_; }
  Bound below() const { return below_; }
  Bound above() const { return above_; }

  /// Returns dips by increasing width: the first is the optimum alone, the last the whole curve. Between two
  /// consecutive ones, the level, the two ends and the costs at the ends are linear in the width. between()
  /// computes a dip between them.
  const std::vector<Dip>& dips() const { return dips_; }
  /// Returns the dip of a given width. @pre the width is at most the curve's width()
  Dip dip_at(double width) const;
  /// Returns the pieces of the curve between two places, which are log ρ relative to the first knot.
  std::vector<CurvePiece> pieces(double begin, double end) const;

  /// Returns the cost at a log ρ; NaN beyond the ends.
  double cost_at(double log_rho) const;

  /// Whether all places with a rise of at most `level` lie on the curve. This holds if at each end the rise
  /// is above `level` or trials diverge beyond the end.
  bool encloses(double level) const;
  /// Returns what lies beyond an end of the curve whose rise is at most `level`, if it is Bound::diverged or
  /// Bound::cliff. Returns Bound::sweep if neither end is of this kind.
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

/// Returns the dip at a position between two consecutive dips. @param share the position, 0 at `a`, 1 at `b`
Dip between(const Dip& a, const Dip& b, double share);

}  // namespace rhosweep::analysis
