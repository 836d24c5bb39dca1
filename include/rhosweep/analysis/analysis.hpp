#pragma once

#include "rhosweep/analysis/bootstrap.hpp"
#include "rhosweep/analysis/coverage.hpp"
#include "rhosweep/analysis/statistic.hpp"
#include "rhosweep/store/results_reader.hpp"

#include <array>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace rhosweep::analysis {

struct Selection;
struct ValleyAnswer;

/// Every number below is NaN where it is not known and +∞ where diverged seeds make it so.
inline constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
inline constexpr double infinite = std::numeric_limits<double>::infinity();

/// One ρ of a schedule. m is the statistic of the metric over the seeds, +∞ where diverged seeds make it so.
/// The error e is m − f_star for train_loss with a known f_star, 1 − m for accuracies, and m otherwise.
struct CurvePoint {
  double rho = 0.0;
  double ratio_to_best = unknown;  ///< ρ over the best ρ
  double value = unknown;          ///< m
  Interval ci;                     ///< of m
  double error_ratio = unknown;    ///< e over e of the tuned optimum; NaN if that is not positive
  double theory_ratio = unknown;   ///< theory::bound_ratios at ratio_to_best
  double bound = unknown;          ///< upper bound on e, in the metric's unit; the largest along worst_over
  std::int64_t diverged = 0;       ///< seeds
  std::optional<std::int64_t> worst_at = {};  ///< index along worst_over of the worst member
  Missing missing = {};                       ///< over all seeds, including those that do not count
};

/// A ρ without a statistic: a trial of a seed that counts is pending, failed or without a value.
struct LeftOut {
  double rho = 0.0;
  Missing missing;  ///< as in CurvePoint
};

/// The cost of a stepsize that is `factor` times the best one.
struct FactorCost {
  double factor = unknown;
  /// e at this stepsize over e of the tuned optimum, by the smooth model. Without a model, e is interpolated
  /// between the measured ρ, over the least measured e. +∞ where seeds have diverged, NaN where it is
  /// unknown.
  double error_ratio = unknown;
  Interval error_ratio_ci;        ///< NaN also without a model, or where a resample's model ends earlier
  double theory_ratio = unknown;  ///< theory::bound_ratios at the factor
};

/// The factors for which costs are shown.
inline constexpr std::array cost_factors{0.25, 0.5, 2.0, 4.0, 16.0, 64.0};

/// The reason given for numbers that need a wider range of ρ than the sweep has.
inline constexpr const char* beyond_the_sweep = "beyond the sweep";

/// The cost of tuning on a geometric grid of a given ratio, over all offsets of the grid in ρ: e at the
/// grid's best stepsize over e of the tuned optimum, minus 1.
struct CoarseGrid {
  double ratio = unknown;  ///< of neighbouring stepsizes
  bool judged = false;     ///< false: the sweep's range or resolution cannot say, and `reason` says why
  std::string reason;
  double worst = unknown;  ///< the largest over the offsets
  Interval worst_ci;
  double mean = unknown;  ///< over offsets that are uniform on the logarithmic scale
  Interval mean_ci;
  std::vector<double> quantiles = {};  ///< over the offsets, at levels 0, 1/4, 1/2, 3/4, 1; or empty
  double worst_value = unknown;        ///< m at the grid's best stepsize, at the worst offset
  double mean_value = unknown;         ///< mean over the offsets of m at the grid's best
  double theory_worst = unknown;       ///< theory::grid_costs of the bound, minus 1
  double theory_mean = unknown;
};

/// Random search with as many trials as a grid of this ratio has in the sweep's range. Stepsizes are drawn
/// log-uniformly from that range, and the best one is taken.
struct RandomSearchCost {
  double ratio = unknown;
  double trials = unknown;  ///< log(range)/log(ratio), not rounded
  /// Expected cost, as in CoarseGrid, given that not all trials diverge. NaN for less than one trial, and
  /// where the model or the sweep's resolution cannot say.
  double mean = unknown;
  double mean_value = unknown;   ///< expectation of m
  double all_diverge = unknown;  ///< probability that all trials diverge
};

/// Compares the worst best-of-grid loss with another schedule's, at the same ratio and so the same number of
/// trials.
struct GridComparison {
  double ratio = unknown;
  double worst = unknown;  ///< worst e of this schedule over the other schedule's
  Interval worst_ci = {};  ///< paired: both use the same resamples
};

/// How coarse a grid may be so that its worst cost stays within a tolerance.
struct Advice {
  double tolerance = unknown;          ///< of CoarseGrid::worst
  double ratio = unknown;              ///< at which the worst cost crosses the tolerance
  Interval ratio_ci;                   ///< the high end is +∞ where the sweep cannot bound it
  double mean_ratio = unknown;         ///< at which the mean cost crosses the tolerance
  Interval mean_ratio_ci;              ///< as ratio_ci
  double theory_ratio = unknown;       ///< at which the bound's worst cost crosses the tolerance
  double points_per_decade = unknown;  ///< of a grid of the cautious ratio `advised`
  /// Share of trials saved, compared with the group's schedule that needs most at this tolerance; both by
  /// their cautious ratios.
  double saved_share = unknown;
  double advised = unknown;  ///< the cautious ratio: the lower end of ratio_ci
  std::string reason;        ///< why nothing is advised; empty if something is
  std::string remark;        ///< a caveat to the advice; may be empty
};

/// One schedule in a group.
struct ScheduleAnalysis {
  std::string schedule;
  double best_rho = unknown;       ///< of the tuned optimum; with a model, between the grid's ρ
  Interval best_rho_ci;            ///< NaN without a model of the optimum
  double best_stepsize = unknown;  ///< NaN also if it differs along worst_over
  Interval best_stepsize_ci;       ///< as best_rho_ci
  double best = unknown;           ///< m at best_rho, estimated on other seeds than those that chose it
  Interval best_ci;
  std::string best_reason;          ///< why `best` is naive_best; empty if it is not
  double naive_best_rho = unknown;  ///< the grid's ρ with the least e over all seeds
  double naive_best_stepsize = unknown;
  double naive_best = unknown;  ///< m there over the same seeds, biased towards good values
  Interval naive_best_ci;
  double residual = unknown;  ///< root mean square of log e about the model that gives the optimum
  double exponent = unknown;  ///< least-squares slope of log e against log ρ above the best, in the window
  Interval exponent_ci;
  std::int64_t exponent_points = 0;  ///< number of ρ in this fit
  Interval exponent_range;  ///< of ρ / best ρ in this fit: narrower than the window in a short sweep
  double theory_exponent = unknown;  ///< asymptotic: model::Schedule::cost_exponent
  double bound_slope = unknown;      ///< least-squares slope of log theory_ratio at the same ρ
  /// Least-squares slope of log(1 + worst grid cost) against log ratio, over the judged ratios from 4 on.
  double grid_growth = unknown;
  Interval grid_growth_ci;
  Interval grid_growth_range;      ///< the least and the largest ratio in this fit
  std::string grid_growth_reason;  ///< why grid_growth or its interval is unknown; empty if both are known
  /// Asymptotic: 1/(2p+2) for a tail like (1−u)^p, 1/2 without decay to zero.
  double theory_grid_growth = unknown;
  /// Mean over ρ of s(ρ) − min s, where s is the statistic of the runs' costs, each capped at its value at
  /// w_0 (Wortsman et al., arXiv 2309.14322).
  double lr_sensitivity = unknown;
  double diverged_share = unknown;  ///< of the trials that have an outcome
  Missing missing;
  std::vector<CurvePoint> curve;  ///< by increasing ρ; left_out has the grid's other ρ
  std::vector<LeftOut> left_out;  ///< by increasing ρ
  std::vector<FactorCost> costs;  ///< by cost_factors
  std::vector<CoarseGrid> grid;   ///< by the ratios asked for
  std::vector<RandomSearchCost> random;
  std::string compared_with;  ///< the schedule that `comparison` is against; empty: none
  std::vector<GridComparison> comparison;
  std::vector<Advice> advice;  ///< by the tolerances asked for
};

/// The result of another sweep on the same problem, at the stepsize that its sweep file names (ρ = 1).
struct Baseline {
  std::string file;
  std::string optimizer;
  std::string schedule;
  double stepsize = unknown;
  double value = unknown;  ///< m
  Interval ci;
  double diverged_share = unknown;
};

/// A key, such as "sgd.steps", and its value.
using AxisValue = std::pair<std::string, model::AxisValue>;

/// Whether the theory's bound holds for what was measured.
struct TheoryScope {
  bool applies = true;  ///< false leaves out all theoretical numbers
  std::string caveat;   ///< one line: what is left out and why; empty if nothing is
};

/// The schedules at an axes point, or over an axis.
struct Group {
  std::vector<AxisValue> axes;
  Coverage coverage;
  TheoryScope theory;
  std::string error_name = {};  ///< name of e: "excess_loss", "train_loss - f_star", "1 - test_accuracy"
  /// The values along worst_over, indexed by CurvePoint::worst_at: one value, or those of paired keys.
  std::vector<std::vector<AxisValue>> members = {};
  std::vector<ScheduleAnalysis> schedules = {};
  std::vector<Baseline> baselines = {};
  std::vector<std::string> warnings = {};  ///< one line each
};

/// The ratios ρ / best ρ that the exponent is measured at, both ends included.
struct Window {
  double low = 4.0;
  double high = 100.0;
};

/// The analysis of a results file, group by group.
struct Analysis {
  std::string metric;
  std::string select_by;   ///< the metric that chooses ρ; empty: `metric`
  std::string statistic;   ///< Statistic::name()
  std::string worst_over;  ///< empty: none
  Window window;           ///< of the exponents
  std::vector<double> tolerances;
  std::int64_t seeds = 0;
  std::int64_t resamples = 0;
  Missing missing = {};              ///< in the whole file
  std::int64_t axes_points = 1;      ///< of the whole file
  std::int64_t excluded_points = 0;  ///< axes points that the sweep leaves out
  std::vector<Group> groups = {};
  std::vector<std::string> warnings = {};  ///< of the whole file, then of every group

  /// Returns the scope of the first group to which theory applies, preferably one with a caveat. If it
  /// applies to no group, returns the scope of the first group.
  TheoryScope theory() const;
};

/// Grid costs by the bound of a schedule, for the ratios and tolerances asked for; minus 1 as in CoarseGrid.
/// Empty where there is no bound.
struct GridTheory {
  std::vector<double> worst{};
  std::vector<double> mean{};
  std::vector<double> crossings{};
};
/// By schedule and number of steps; axes points with the same number of steps share an entry.
using GridTheories = std::map<std::pair<std::int64_t, std::int64_t>, GridTheory>;

/// What to analyse, and how.
struct Options {
  std::string metric;     ///< empty: default_metric
  std::string select_by;  ///< the metric that chooses ρ, while `metric` is reported; empty: `metric`
  Statistic statistic;
  std::string worst_over;  ///< a key of the axis whose worst statistic counts; empty: none
  Window window;
  std::vector<double> tolerances{0.1, 0.5, 1.0};              ///< of the advice
  std::vector<double> ratios{1.5, 2, 3, 5, 10, 20, 50, 100};  ///< of the grid costs
  std::int64_t resamples = 1999;                              ///< 0: no intervals
  /// false leaves out the intervals and takes a tenth of the time; all values stay the same.
  bool with_intervals = true;
  bool with_theory = true;                       ///< false leaves out all that takes O(T·|ρ|) time
  bool with_grids = true;                        ///< false leaves out grid costs and advice
  std::vector<std::filesystem::path> baselines;  ///< other results files on the same problem
};

/// The metric that a sweep is judged by: excess_loss where it is measured and f_star is known everywhere,
/// else train_loss.
std::string default_metric(const store::ResultsReader& file);

/// Analyses a results file group by group (jobs/guide/reading.md, "The tables"). Holds the results of one
/// schedule of a group at a time, 8 bytes a trial.
class Analyser {
 public:
  /// @param file must outlive this object
  /// @param options which metric, and how
  /// Throws core::InputError for a metric or an axis that the file does not have, and for a baseline on
  /// another problem.
  Analyser(const store::ResultsReader& file, Options options);

  const std::string& metric() const { return options_.metric; }
  /// Returns the number of groups. A group is an axes point, or all points along worst_over. Points that the
  /// sweep leaves out are in no group.
  std::int64_t groups() const;
  Group group(std::int64_t index) const;
  /// Returns the coverage of one group, without the rest of the analysis; fast.
  Coverage coverage(std::int64_t index) const;
  /// Analyses all groups.
  Analysis analyse() const;

 private:
  std::vector<core::PointIndex> included_points_of(std::int64_t index) const;
  std::vector<core::PointIndex> points_of(std::int64_t index) const;
  Selection select(const std::string& metric, const std::vector<core::PointIndex>& points,
                   const std::vector<std::int64_t>& seeds) const;
  ValleyAnswer add_schedule(const Selection& of_group, std::int64_t schedule,
                            std::span<const Missing> missing, Group& group) const;
  const Bootstrap& bootstrap(const std::vector<std::int64_t>& seeds) const;

  const store::ResultsReader& file_;
  Options options_;
  std::int64_t worst_axis_;             ///< index of worst_over; the number of axes if there is none
  std::vector<std::int64_t> groups_{};  ///< indices in the whole grid of the groups that have a point
  std::vector<store::ResultsReader> baselines_;
  /// The last bootstrap and its seeds, kept because most groups use the same seeds and drawing is slow.
  mutable std::optional<std::pair<std::vector<std::int64_t>, Bootstrap>> drawn_;
  mutable GridTheories grid_theories_{};
};

/// Returns "sgd.steps = 1024, problem.l2 = 0.1" with long strings shortened; empty without axes.
std::string label(const std::vector<AxisValue>& axes);
/// Returns the values, at an axes point, of all keys that axes vary.
std::vector<AxisValue> axes_at(const model::Grid& grid, core::PointIndex point);
/// The values of the keys of one axis at a point.
std::vector<AxisValue> values_at(const model::Axis& axis, std::int64_t index);

}  // namespace rhosweep::analysis
