#pragma once

#include "valley_smoother.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <vector>

namespace rhosweep::analysis {

/// What lies beyond the last finite error on one side of a curve.
enum class Bound {
  sweep,     ///< the end of the sweep
  diverged,  ///< a ρ at which the statistic is +∞
  cliff      ///< a ρ with so large a jump of the statistic that trials have begun to diverge
};

/// The model of one curve. It reaches as far as e is finite on either side of the optimum; between knots e is
/// linear.
struct Valley {
  double log_rho_first = 0.0;
  std::vector<double> places{};  ///< (knots): log ρ from the first knot, increasing
  std::vector<double> rise{};    ///< (knots): e divided by the least e, minus 1
  Bound below = Bound::sweep;
  Bound above = Bound::sweep;
  double log_rho = 0.0;    ///< log ρ of the optimum, which need not be in the grid
  double least = 0.0;      ///< e at the optimum
  bool is_at_end = false;  ///< the optimum is the first or the last knot
};

/// The fit of a ValleyModel to the error e of one curve, or to the largest error at each ρ of a family of
/// curves. Each curve's log e is smoothed separately, and the fit at ρ is the largest of the smoothed values,
/// so it has kinks where another curve becomes the largest. The ValleyModel must outlive the fit.
class ValleyFit {
 public:
  /// Returns the fit as a Valley. Its knots are the smoother's lattice points and the places where another
  /// curve of a family (a member) becomes the largest (the worst).
  Valley valley(WindowSize window = WindowSize::whole) const;

  /// Returns the leave-one-out residuals of log e, (log e − fit)/(1 − own weight), shape (ρ). For a family,
  /// they are the residuals of the member that is the worst by the leave-one-out fits. NaN at points that are
  /// not in the fit.
  std::vector<double> residuals() const;

  /// Returns the indices of the points where the model's rise is at most `level`. For a family, the points
  /// next to the optimum are included, since the optimum may be a kink between points.
  std::vector<std::int64_t> points_below(double level) const;

  /// Returns the root mean square of the residuals at points_below(level); NaN without such points.
  double residual(double level) const;

  /// Returns the largest ratio of two neighbouring ρ in the fit. Only those pairs count that enclose the
  /// optimum or have a ρ in points_below().
  double coarsest_step(double level) const;

  /// Returns log e of the model at a log ρ within the range of the fit's points.
  double log_at(double log_rho, WindowSize window = WindowSize::whole) const;
  /// Returns log e of one member, by the model, at a log ρ within the range of the fit's points.
  double log_of_member(std::int64_t member, double log_rho, WindowSize window = WindowSize::whole) const;
  /// Returns the member that is the worst at a log ρ, by the model.
  std::int64_t worst_at(double log_rho, WindowSize window = WindowSize::whole) const;

  /// Returns the distance between lattice points, in log ρ.
  double lattice_step() const { return points_->smoother.step(); }

  /// Returns the weights of log e in the model's value at a log ρ, shape (ρ). They sum to 1 and are zero at
  /// points that are not in the fit.
  std::vector<double> weights_at(double log_rho, WindowSize window = WindowSize::whole) const;

 private:
  friend class ValleyModel;
  /// The points of a fit and the smoother for these points.
  struct Points {
    std::vector<std::int64_t> places;  ///< indices of the points among the ρ
    std::int64_t rhos = 0;             ///< number of ρ
    Bound below = Bound::sweep;
    Bound above = Bound::sweep;
    ValleySmoother smoother;
  };

  ValleyFit(const Points& points, std::vector<double> logs) : points_(&points), logs_(std::move(logs)) {}
  std::int64_t members() const { return std::ssize(logs_) / std::ssize(points_->places); }
  std::span<const double> logs_of(std::int64_t member) const {
    return std::span(logs_).subspan(member * std::ssize(points_->places), points_->places.size());
  }
  /// Sums log e with the weights `row` for each member, and returns the largest of these sums.
  double worst_of(const ValleySmoother::Row& row) const;
  void add_kinks(std::span<const double> rises, std::span<const std::int64_t> worst, Valley& into) const;

  const Points* points_;
  std::vector<double> logs_;  ///< (members, points): log e
};

/// The largest number of ρ of a model. Time and memory of a fit grow like the square of this number.
inline constexpr std::int64_t most_rhos = 5000;

/// Returns why ValleyModel::fit gives no model of a curve over this many ρ.
std::string reason_without_model(std::int64_t rhos);

/// Fits curves over one grid of ρ. The weights of the smoother are computed once for each set of finite
/// points.
class ValleyModel {
 public:
  /// @param rhos increasing, positive
  explicit ValleyModel(std::span<const double> rhos);

  /// @param errors e, shape (members, ρ): +∞ where a trial has diverged, NaN where a trial is missing. A
  /// single curve has one member. The worst member decides which points are in the fit: those around its
  /// least e that are finite, positive and not beyond a cliff. A member's e counts as at least a thousandth
  /// of the worst member's e.
  /// @return the fit; nothing if there are fewer than four points in the fit or more than most_rhos ρ
  std::optional<ValleyFit> fit(std::span<const double> errors) const;

  const std::vector<double>& log_rhos() const { return x_; }

 private:
  std::vector<double> x_{};
  /// The smoothers made so far, keyed by the points of the fit and what lies beyond these points on both
  /// sides.
  mutable std::map<std::tuple<std::vector<std::int64_t>, Bound, Bound>, std::unique_ptr<ValleyFit::Points>>
      found_{};
};

/// Returns the largest error over the members of a family, shape (ρ); NaN where a member has no value.
/// @param errors the errors, shape (members, ρ)
std::vector<double> worst_of_members(std::span<const double> errors, std::int64_t rhos);

}  // namespace rhosweep::analysis
