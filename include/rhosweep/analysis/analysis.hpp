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

/// Every number in this header is NaN where it is unknown, and +∞ where diverged seeds make it infinite.
inline constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
inline constexpr double infinite = std::numeric_limits<double>::infinity();

/// One ρ of a schedule. m is the statistic of the metric over the seeds; it is infinite where diverged seeds
/// make it so. The error e is m − f_star for train_loss with a known f_star, 1 − m for accuracies, and m
/// otherwise.
struct CurvePoint {
  double rho = 0.0;
  double ratio_to_best = unknown;  ///< ρ divided by the best ρ
  double value = unknown;          ///< m
  Interval ci;                     ///< the interval of m
  double error_ratio = unknown;    ///< e divided by e of the tuned optimum; NaN if the latter is not positive
  double theory_ratio = unknown;   ///< the bound ratio (theory::bound_ratios) at ratio_to_best
  double bound = unknown;          ///< theory's upper bound on e, in the metric's unit; if worst_over
                                   ///< combines several axes points, the largest of their bounds
  std::int64_t diverged = 0;       ///< number of diverged seeds
  /// Index in Group::members of the axes point with the worst m; empty without worst_over.
  std::optional<std::int64_t> worst_at = {};
  Missing missing = {};  ///< counts of missing trials, over all seeds, even those that m leaves out
};

/// A ρ at which m is unknown, because a trial of one of Coverage::seeds is pending, failed or without a
/// value.
struct LeftOut {
  double rho = 0.0;
  Missing missing;  ///< as CurvePoint::missing
};

/// The cost of a stepsize that is `factor` times the best one.
struct FactorCost {
  double factor = unknown;
  /// e at this stepsize divided by e of the tuned optimum, both from the smooth model. Without a model, the
  /// ratio is e interpolated between the measured ρ, divided by the least measured e. +∞ where seeds have
  /// diverged, NaN where e is unknown.
  double error_ratio = unknown;
  /// The interval of error_ratio; NaN if error_ratio is NaN, if there is no model, and if the model of a
  /// resample ends before this factor.
  Interval error_ratio_ci;
  double theory_ratio = unknown;  ///< the bound ratio (theory::bound_ratios) at the factor
};

/// The factors for which costs are shown.
inline constexpr std::array cost_factors{0.25, 0.5, 2.0, 4.0, 16.0, 64.0};

/// The reason given for numbers that need a wider range of ρ than the sweep has.
inline constexpr const char* beyond_the_sweep = "beyond the sweep";

/// The cost of tuning on a geometric grid of a given ratio, over all offsets of the grid in ρ. A cost is e at
/// the grid's best stepsize divided by e of the tuned optimum, minus 1.
struct CoarseGrid {
  double ratio = unknown;  ///< ratio of neighbouring stepsizes
  bool judged = false;     ///< whether the costs are known: false if the sweep's range or resolution does not
                           ///< suffice (see `reason`)
  std::string reason;
  double worst = unknown;  ///< the largest cost over the offsets
  Interval worst_ci;
  double mean = unknown;  ///< the mean cost over the offsets, which are uniform in log ρ
  Interval mean_ci;
  /// Quantiles of the cost over the offsets, at levels 0, 1/4, 1/2, 3/4, 1; empty unless `judged`.
  std::vector<double> quantiles = {};
  double worst_value = unknown;   ///< m at the grid's best stepsize, at the worst offset
  double mean_value = unknown;    ///< m at the grid's best stepsize, mean over the offsets
  double theory_worst = unknown;  ///< `worst` by the bound: theory::grid_costs, minus 1
  double theory_mean = unknown;
};

/// Random search with as many trials as a grid of the given ratio has points in the sweep's range of
/// stepsizes. The stepsizes of the trials are drawn log-uniformly from this range, and the best one is taken.
struct RandomSearchCost {
  double ratio = unknown;
  double trials = unknown;  ///< log(largest ρ / least ρ)/log(ratio), not rounded
  /// Expected cost, as in CoarseGrid, given that not all trials diverge. NaN for less than one trial, or if
  /// the model or the sweep's resolution does not suffice to judge it.
  double mean = unknown;
  double mean_value = unknown;   ///< expectation of m, under the same condition
  double all_diverge = unknown;  ///< probability that all trials diverge
};

/// Compares this schedule with ScheduleAnalysis::compared_with. Each schedule is tuned on a grid of the same
/// ratio, and so with the same number of trials. The worst e of a schedule is e at its grid's best stepsize,
/// at the worst offset of the grid.
struct GridComparison {
  double ratio = unknown;
  double worst = unknown;  ///< worst e of this schedule divided by the worst e of the other schedule
  Interval worst_ci = {};  ///< paired: both schedules use the same resamples
};

/// The coarsest grid of stepsizes whose worst cost (CoarseGrid::worst) stays within a tolerance.
struct Advice {
  double tolerance = unknown;     ///< limit on CoarseGrid::worst
  double ratio = unknown;         ///< ratio at which the worst cost crosses the tolerance
  Interval ratio_ci;              ///< the high end is +∞ if the sweep gives no upper bound on the ratio
  double mean_ratio = unknown;    ///< ratio at which the mean cost crosses the tolerance
  Interval mean_ratio_ci;         ///< as for ratio_ci, the high end may be +∞
  double theory_ratio = unknown;  ///< ratio at which the bound's worst cost crosses the tolerance
  double points_per_decade = unknown;  ///< stepsizes per decade of a grid of ratio `advised`
  /// Share of trials that this schedule saves, compared with the schedule of the group that needs the most
  /// trials at this tolerance. Each schedule uses a grid of its own ratio `advised`.
  double saved_share = unknown;
  double advised = unknown;  ///< the cautious ratio: the lower end of ratio_ci
  std::string reason;        ///< why no ratio is advised; empty if a ratio is advised
  std::string remark;        ///< a caveat to the advice; may be empty
};

/// One schedule in a group.
struct ScheduleAnalysis {
  std::string schedule;
  double best_rho = unknown;  ///< ρ of the tuned optimum; with a model, it may lie between the grid's ρ
  Interval best_rho_ci;       ///< NaN without a model of the optimum
  double best_stepsize = unknown;  ///< η at best_rho; NaN if this η differs along worst_over
  Interval best_stepsize_ci;       ///< NaN if best_stepsize is NaN or there is no model of the optimum
  double best = unknown;           ///< m at best_rho, estimated on seeds that did not choose this ρ
  Interval best_ci;
  std::string best_reason;          ///< why `best` equals naive_best; empty if other seeds estimate `best`
  double naive_best_rho = unknown;  ///< the grid's ρ with the least e over all seeds
  double naive_best_stepsize = unknown;
  double naive_best = unknown;  ///< m at naive_best_rho over all seeds, biased towards good values
  Interval naive_best_ci;
  /// Root mean square of the model's leave-one-out residuals of log e, at the ρ where the model's rise is at
  /// most 2.
  double residual = unknown;
  double exponent = unknown;  ///< least-squares slope of log e against log ρ, for ρ / best ρ in the window
  Interval exponent_ci;
  std::int64_t exponent_points = 0;  ///< number of ρ in the fit of the exponent
  /// The range of ρ / best ρ in the fit of the exponent. In a short sweep, this range is narrower than the
  /// window.
  Interval exponent_range;
  double theory_exponent = unknown;  ///< what `exponent` approaches by theory as ρ grows
  double bound_slope = unknown;      ///< as `exponent`, at the same ρ, but of log theory_ratio
  /// Least-squares slope of log(1 + CoarseGrid::worst) against log ratio, over the ratios ≥ 4 whose grid
  /// costs are known.
  double grid_growth = unknown;
  Interval grid_growth_ci;
  Interval grid_growth_range;      ///< the least and the largest ratio in the fit of grid_growth
  std::string grid_growth_reason;  ///< why grid_growth or its interval is unknown; empty if both are known
  /// What grid_growth approaches by theory as the ratios grow: 1/(2p+2) for a schedule that ends like (1−u)^p
  /// with u = t/T, 1/2 for a schedule that does not decay to zero.
  double theory_grid_growth = unknown;
  /// Mean over ρ of s(ρ) − min s, where s(ρ) is the statistic of e over the seeds, and e of each trial is
  /// capped at its value at the initial point (Wortsman et al., arXiv 2309.14322).
  double lr_sensitivity = unknown;
  double diverged_share = unknown;  ///< diverged trials divided by trials that diverged or have a value
  Missing missing;
  std::vector<CurvePoint> curve;  ///< by increasing ρ; left_out has the other ρ of the grid
  std::vector<LeftOut> left_out;  ///< by increasing ρ
  std::vector<FactorCost> costs;  ///< in the order of cost_factors
  std::vector<CoarseGrid> grid;   ///< in the order of Options::ratios
  std::vector<RandomSearchCost> random;
  std::string compared_with;  ///< the schedule that `comparison` compares with; empty: no schedule
  std::vector<GridComparison> comparison;
  std::vector<Advice> advice;  ///< in the order of Options::tolerances
};

/// The result of another sweep on the same problem, at the stepsize that its sweep file names (ρ = 1).
struct Baseline {
  std::string file;
  std::string optimizer;
  std::string schedule;
  double stepsize = unknown;
  double value = unknown;  ///< m, as in CurvePoint
  Interval ci;
  double diverged_share = unknown;
};

/// A key of the sweep file, such as "sgd.steps", and its value at an axes point.
using AxisValue = std::pair<std::string, model::AxisValue>;

/// Whether the theory's bound holds for the quantity that was measured.
struct TheoryScope {
  bool applies = true;  ///< false: all theoretical numbers are left out
  std::string caveat;   ///< one line: what is left out, and why; empty if nothing is left out
};

/// The schedules at one axes point, or at all points along worst_over.
struct Group {
  std::vector<AxisValue> axes;
  Coverage coverage;
  TheoryScope theory;
  std::string error_name = {};  ///< name of e: "excess_loss", "train_loss - f_star", "1 - test_accuracy"
  /// The points along worst_over, indexed by CurvePoint::worst_at. Each has the value of the axis's key, and
  /// the values of the keys that are paired with it.
  std::vector<std::vector<AxisValue>> members = {};
  std::vector<ScheduleAnalysis> schedules = {};
  std::vector<Baseline> baselines = {};
  std::vector<std::string> warnings = {};  ///< one line each
};

/// The range of ρ / best ρ over which the exponent is measured, both ends included.
struct Window {
  double low = 4.0;
  double high = 100.0;
};

/// The analysis of a results file, group by group.
struct Analysis {
  std::string metric;
  std::string select_by;   ///< the metric that chooses ρ; empty: `metric` chooses ρ
  std::string statistic;   ///< the statistic, as name_of() returns it
  std::string worst_over;  ///< key of the axis along which the worst statistic counts; empty: no axis
  Window window;           ///< the window for ScheduleAnalysis::exponent
  std::vector<double> tolerances;
  std::int64_t seeds = 0;
  std::int64_t resamples = 0;
  Missing missing = {};              ///< numbers of missing trials in the whole file
  std::string stopped_by = {};       ///< the metric by which [stop_when] stops trials; empty without it
  std::int64_t axes_points = 1;      ///< number of axes points in the whole file
  std::int64_t excluded_points = 0;  ///< axes points that the sweep leaves out
  std::vector<Group> groups = {};
  std::vector<std::string> warnings = {};  ///< warnings about the whole file, then about each group

  /// Returns the scope of one group: the first group to which the theory applies with a caveat, else the
  /// first group to which the theory applies, else the first group.
  TheoryScope theory() const;
};

/// What the bound of a schedule predicts: the worst and the mean grid cost for each of Options::ratios, with
/// costs as in CoarseGrid, and for each of Options::tolerances the ratio at which the worst cost crosses it.
/// The lists are empty if there is no bound.
struct GridTheory {
  std::vector<double> worst{};
  std::vector<double> mean{};
  std::vector<double> crossings{};
};
/// A GridTheory for each (index of a schedule, number of steps). Axes points with the same number of steps
/// share an entry.
using GridTheories = std::map<std::pair<std::int64_t, std::int64_t>, GridTheory>;

/// What to analyse, and how.
struct Options {
  std::string metric;     ///< the metric to analyse; empty: default_metric()
  std::string select_by;  ///< the metric that chooses ρ; empty: `metric`, which is reported in any case
  Statistic statistic;
  std::string worst_over;  ///< a key of the axis along which the worst statistic counts; empty: no axis
  Window window;
  std::vector<double> tolerances{0.1, 0.5, 1.0};              ///< tolerances of the advice
  std::vector<double> ratios{1.5, 2, 3, 5, 10, 20, 50, 100};  ///< ratios of the grid costs
  std::int64_t resamples = 1999;                              ///< number of resamples; 0: no intervals
  /// False leaves out the intervals. The analysis then takes a tenth of the time, and all other values stay
  /// the same.
  bool with_intervals = true;
  /// False leaves out all theoretical numbers, which take time in proportion to the number of steps times the
  /// number of ρ.
  bool with_theory = true;
  bool with_grids = true;                        ///< false leaves out grid costs and advice
  std::vector<std::filesystem::path> baselines;  ///< other results files on the same problem
};

/// Returns the metric that is analysed if the user names none: excess_loss if the file has this metric and
/// f_star is known at every axes point, else train_loss.
std::string default_metric(const store::ResultsReader& file);

/// Analyses a results file group by group (jobs/guide/reading.md, "The tables"). Its memory holds the results
/// of one schedule of a group at a time, 8 bytes per trial.
class Analyser {
 public:
  /// Throws core::InputError for a metric or an axis that the file does not have, and for a baseline on
  /// another problem.
  /// @param file the results file, which must outlive this object
  /// @param options what to analyse, and how
  Analyser(const store::ResultsReader& file, Options options);

  const std::string& metric() const { return options_.metric; }
  /// Returns the number of groups. A group is an axes point, or all points along worst_over. Points that the
  /// sweep leaves out are in no group.
  std::int64_t groups() const;
  Group group(std::int64_t index) const;
  /// Returns the coverage of one group, without the analysis of its metrics; fast.
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
  std::int64_t worst_axis_;  ///< index of the axis worst_over; the number of axes if there is none
  /// The groups with at least one axes point that the sweep does not leave out, as indices into the groups of
  /// the whole grid.
  std::vector<std::int64_t> groups_{};
  std::vector<store::ResultsReader> baselines_;
  /// The last bootstrap and its seeds, kept because most groups use the same seeds and drawing is slow.
  mutable std::optional<std::pair<std::vector<std::int64_t>, Bootstrap>> drawn_;
  mutable GridTheories grid_theories_{};
};

/// Returns a text like "sgd.steps = 1024, problem.l2 = 0.1", with long strings shortened; empty without axes.
std::string label(const std::vector<AxisValue>& axes);
/// Returns all keys that the axes vary, each with its value at an axes point.
std::vector<AxisValue> axes_at(const model::Grid& grid, core::PointIndex point);
/// Returns the keys of one axis, with the value of each at the given index.
std::vector<AxisValue> values_at(const model::Axis& axis, std::int64_t index);

}  // namespace rhosweep::analysis
