#pragma once

#include "rhosweep/analysis/bootstrap.hpp"
#include "rhosweep/analysis/coverage.hpp"
#include "rhosweep/store/results_reader.hpp"

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace rhosweep::analysis {

/// Every number below is NaN where it is not known and +∞ where a diverged seed makes it so.
inline constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

/// One ρ of a schedule. m is the mean over the seeds of the metric, +∞ if one has diverged; e is m, for
/// train_loss minus f_star where that is known, and for accuracies 1 − m.
struct CurvePoint {
  double rho = 0.0;
  double ratio_to_best = unknown;  ///< ρ over the best ρ
  double mean = unknown;           ///< m
  Interval ci;                     ///< of m
  double error_ratio = unknown;    ///< e over e at the best ρ; NaN if that is not positive
  double theory_ratio = unknown;   ///< theory::bound_ratios at ratio_to_best
  std::int64_t diverged = 0;       ///< seeds
  Missing missing;                 ///< of all seeds, also of those that do not count
};

/// A ρ without a mean: a trial of a seed that counts is pending, failed or without a value.
struct LeftOut {
  double rho = 0.0;
  Missing missing;  ///< as in CurvePoint
};

/// What the best stepsize of a grid that takes every stride-th ρ costs over the fine grid's: e of its best
/// over e of the fine one's, minus 1; mean and worst over where the coarse grid starts.
struct CoarseGrid {
  std::int64_t stride = 1;
  double ratio = 1.0;  ///< of neighbouring stepsizes: the fine grid's to the power of the stride
  double mean_regret = unknown;
  double worst_regret = unknown;
  Interval mean_ci;
  Interval worst_ci;
};

/// The coarsest grid whose worst regret is at most the tolerance, and what it saves.
struct Advice {
  double tolerance = 0.0;
  double ratio = unknown;
  std::int64_t grid_points = 0;  ///< that the coarse grid has, at most
  std::int64_t of_points = 0;    ///< that the fine one has
  double saved_share = unknown;  ///< of the trials
};

/// One schedule in a group. The intervals are those of the means at the stepsizes that all seeds together
/// choose: the best ρ, the window and the coarse grids' best are not chosen anew in every resample, which
/// would make a minimum look smaller than it is.
struct ScheduleAnalysis {
  std::string schedule;
  double best_rho = unknown;
  double best_stepsize = unknown;  ///< NaN, too, where it differs along worst_over
  double best = unknown;           ///< m at the best ρ, which has the least e
  Interval best_ci;
  double exponent = unknown;  ///< least-squares slope of log e against log ρ above the best, in the window
  Interval exponent_ci;
  std::int64_t exponent_points = 0;  ///< that the slope stands on
  double theory_exponent = unknown;  ///< asymptotic: model::Schedule::cost_exponent
  double theory_slope = unknown;     ///< least-squares slope of log theory_ratio at the same ρ
  /// Mean over ρ of min(m, m_0) − min m, where m_0 is the metric at w_0 (Wortsman et al., arXiv 2309.14322).
  double lr_sensitivity = unknown;
  Missing missing;
  std::vector<CurvePoint> curve;  ///< by increasing ρ; with left_out every ρ of the grid
  std::vector<LeftOut> left_out;  ///< by increasing ρ
  std::vector<CoarseGrid> coarse_grid;
  Advice advice;
};

/// "sgd.steps" and its value.
using AxisValue = std::pair<std::string, std::variant<std::int64_t, double>>;

/// The schedules at an axes point, or over an axis.
struct Group {
  std::vector<AxisValue> axes;
  Coverage coverage;
  std::vector<ScheduleAnalysis> schedules;
  std::vector<std::string> warnings;  ///< one line each
};

/// Whether the theory, which is of the last iterate of SGD, goes with what the sweep's trials are.
struct TheoryScope {
  bool applies = true;  ///< false leaves out everything that is theory's
  std::string caveat;   ///< one line; empty: none
};

/// What a results file says, group by group.
struct Analysis {
  std::string metric;
  std::string worst_over;  ///< empty: none
  std::int64_t seeds = 0;
  std::int64_t resamples = 0;
  Missing missing;  ///< in the whole file
  TheoryScope theory;
  std::vector<Group> groups;
  std::vector<std::string> warnings;  ///< of the whole file, then of every group
};

/// The ratios ρ / best ρ that the exponent is measured at, both ends included.
struct Window {
  double low = 4.0;
  double high = 100.0;
};

/// What to analyse, and how.
struct Options {
  std::string metric;      ///< empty: default_metric
  std::string worst_over;  ///< key of an axis whose worst mean counts; empty: none
  Window window;
  double tolerance = 0.1;         ///< of the advice
  std::int64_t resamples = 1999;  ///< 0: no intervals
  bool with_theory = true;        ///< false leaves out theory_ratio and theory_slope, which take O(T·|ρ|)
};

/// The metric that a sweep is judged by: excess_loss where it is measured and f_star is known everywhere,
/// else train_loss.
std::string default_metric(const store::ResultsReader& file);

/// Analyses a results file group by group (jobs/reading/README.md, "The tables"). Reads by slabs, so that the
/// memory does not grow with the file.
class Analyser {
 public:
  /// @param file must outlive it
  /// @param options which metric, and how
  /// Throws core::InputError for a metric or an axis that the file does not have.
  Analyser(const store::ResultsReader& file, Options options);

  const std::string& metric() const { return options_.metric; }
  /// Axes points, worst_over apart.
  std::int64_t groups() const;
  Group group(std::int64_t index) const;
  /// That of the group alone, which is quickly read.
  Coverage coverage(std::int64_t index) const;
  /// All of it.
  Analysis analyse() const;

 private:
  std::vector<core::PointIndex> points_of(std::int64_t index) const;
  const Bootstrap& bootstrap(const std::vector<std::int64_t>& seeds) const;

  const store::ResultsReader& file_;
  Options options_;
  std::int64_t worst_axis_;  ///< index of worst_over; the number of axes if there is none
  TheoryScope theory_;
  /// The last one that was asked for, and its seeds: most groups count the same, and drawing takes long.
  mutable std::optional<std::pair<std::vector<std::int64_t>, Bootstrap>> drawn_;
};

/// "sgd.steps = 1024, problem.l2 = 0.1"; empty without axes.
std::string label(const std::vector<AxisValue>& axes);
/// Where an axes point is.
std::vector<AxisValue> axes_at(const model::Grid& grid, core::PointIndex point);

/// The point of the curve nearest to factor × the best ρ; nullptr if none lies within a factor of 1.26.
const CurvePoint* point_near(const ScheduleAnalysis& schedule, double factor);

}  // namespace rhosweep::analysis
