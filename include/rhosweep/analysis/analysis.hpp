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

/// One ρ of a schedule. m is the statistic over the seeds of the metric, +∞ where diverged seeds make it so;
/// e is m, for train_loss minus f_star where that is known, and for accuracies 1 − m.
struct CurvePoint {
  double rho = 0.0;
  double ratio_to_best = unknown;  ///< ρ over the best ρ
  double value = unknown;          ///< m
  Interval ci;                     ///< of m
  double error_ratio = unknown;    ///< e over e of the tuned optimum; NaN if that is not positive
  double theory_ratio = unknown;   ///< theory::bound_ratios at ratio_to_best
  double bound = unknown;     ///< of e at this stepsize, in the metric's unit; the largest along worst_over
  std::int64_t diverged = 0;  ///< seeds
  std::optional<std::int64_t> worst_at = {};  ///< index along worst_over of the member whose m is the worst
  Missing missing = {};                       ///< of all seeds, also of those that do not count
};

/// A ρ without a statistic: a trial of a seed that counts is pending, failed or without a value.
struct LeftOut {
  double rho = 0.0;
  Missing missing;  ///< as in CurvePoint
};

/// What a stepsize costs that is a factor times the best one.
struct FactorCost {
  double factor = unknown;
  /// e there over e of the tuned optimum, by the smooth model; without one, between the measured ρ over the
  /// best of them. +∞ where seeds have diverged, NaN where the sweep or the model says nothing.
  double error_ratio = unknown;
  Interval error_ratio_ci;        ///< NaN also without a model, and where some resample's model ends before
  double theory_ratio = unknown;  ///< theory::bound_ratios at the factor
};

/// The factors for which costs are shown.
inline constexpr std::array cost_factors{0.25, 0.5, 2.0, 4.0, 16.0, 64.0};

/// The reason of numbers that the sweep's range of ρ is too small for.
inline constexpr const char* beyond_the_sweep = "beyond the sweep";

/// What the best stepsize of a grid of a ratio costs over the tuned optimum, where the grid may begin
/// anywhere: e at the grid's best over e of the tuned optimum, minus 1.
struct CoarseGrid {
  double ratio = unknown;  ///< of neighbouring stepsizes
  bool judged = false;     ///< false: the sweep's range or resolution cannot say, and `reason` says why
  std::string reason;
  double worst = unknown;  ///< the largest over where the grid begins
  Interval worst_ci;
  double mean = unknown;  ///< over where it begins, each place equally likely on the logarithmic scale
  Interval mean_ci;
  std::vector<double> quantiles = {};  ///< cost of shares 0, 1/4, 1/2, 3/4, 1 of the beginnings; or empty
  double worst_value = unknown;        ///< m at the grid's best where that costs most
  double mean_value = unknown;         ///< mean of m at the grid's best
  double theory_worst = unknown;       ///< theory::grid_costs of the bound, minus 1
  double theory_mean = unknown;
};

/// Random search of as many trials as a grid of a ratio has in the sweep's range: stepsizes are drawn
/// log-uniformly from that range and the best one is taken.
struct RandomSearchCost {
  double ratio = unknown;
  double trials = unknown;  ///< log(range)/log(ratio), not rounded
  /// Expectation of the cost, as in CoarseGrid, unless all trials diverge. NaN for less than one trial, and
  /// where the model or the sweep's resolution cannot say.
  double mean = unknown;
  double mean_value = unknown;   ///< expectation of m
  double all_diverge = unknown;  ///< probability that every one of the trials diverges
};

/// The worst best-of-grid loss beside that of another schedule, at the same ratio and so for as many trials.
struct GridComparison {
  double ratio = unknown;
  double worst = unknown;  ///< worst e of this schedule over that of the other
  Interval worst_ci = {};  ///< paired: both of the same resamples
};

/// How coarse a grid may be so that its worst cost stays within a tolerance.
struct Advice {
  double tolerance = unknown;          ///< of CoarseGrid::worst
  double ratio = unknown;              ///< at which the worst cost crosses it
  Interval ratio_ci;                   ///< +∞ above where the sweep cannot bound it
  double mean_ratio = unknown;         ///< at which the mean cost crosses it
  Interval mean_ratio_ci;              ///< as ratio_ci
  double theory_ratio = unknown;       ///< at which the bound's worst cost does
  double points_per_decade = unknown;  ///< of the cautious ratio: the lower end of ratio_ci
  /// Of the trials, against the schedule of the group that needs most at this tolerance; by cautious ratios.
  double saved_share = unknown;
  double advised = unknown;  ///< the cautious ratio: the lower end of ratio_ci
  std::string reason;        ///< why nothing is advised; empty if something is
  std::string remark;        ///< what to know beside the advice; may be empty
};

/// One schedule in a group.
struct ScheduleAnalysis {
  std::string schedule;
  double best_rho = unknown;       ///< of the tuned optimum, between the ρ of the grid where they can tell
  Interval best_rho_ci;            ///< NaN where no model says what the optimum is
  double best_stepsize = unknown;  ///< NaN, too, where it differs along worst_over
  Interval best_stepsize_ci;       ///< as best_rho_ci
  double best = unknown;           ///< m there, estimated on other seeds than chose the ρ
  Interval best_ci;
  std::string best_reason;          ///< why `best` is the naive one; empty: it is not
  double naive_best_rho = unknown;  ///< the ρ of the grid that has the least e of all seeds
  double naive_best_stepsize = unknown;
  double naive_best = unknown;  ///< m of the same seeds there, which is too good
  Interval naive_best_ci;
  double residual = unknown;  ///< root mean square of log e about the local model that the optimum is from
  double exponent = unknown;  ///< least-squares slope of log e against log ρ above the best, in the window
  Interval exponent_ci;
  std::int64_t exponent_points = 0;  ///< that the slope stands on
  Interval exponent_range;  ///< of their ratios to the best ρ: narrower than the window in a short sweep
  double theory_exponent = unknown;  ///< asymptotic: model::Schedule::cost_exponent
  double bound_slope = unknown;      ///< least-squares slope of log theory_ratio at the same ρ
  /// Least-squares slope of log(1 + worst grid cost) against log ratio, over the judged ratios from 4 on.
  double grid_growth = unknown;
  Interval grid_growth_ci;
  Interval grid_growth_range;      ///< the least and the largest of these ratios
  std::string grid_growth_reason;  ///< why grid_growth or its interval is unknown; empty if both are known
  /// Asymptotic: 1/(2p+2) for a tail like (1−u)^p, 1/2 without decay to zero.
  double theory_grid_growth = unknown;
  /// Mean over ρ of the statistic of what each run costs, at most its metric at w_0, minus the least of these
  /// statistics (Wortsman et al., arXiv 2309.14322).
  double lr_sensitivity = unknown;
  double diverged_share = unknown;  ///< of the trials that have an outcome
  Missing missing;
  std::vector<CurvePoint> curve;  ///< by increasing ρ; with left_out every ρ of the grid
  std::vector<LeftOut> left_out;  ///< by increasing ρ
  std::vector<FactorCost> costs;  ///< by cost_factors
  std::vector<CoarseGrid> grid;   ///< by the ratios asked for
  std::vector<RandomSearchCost> random;
  std::string compared_with;  ///< the schedule that `comparison` is against; empty: none
  std::vector<GridComparison> comparison;
  std::vector<Advice> advice;  ///< by the tolerances asked for
};

/// What another sweep on the same problem gave, at the stepsize that its sweep file names (ρ = 1).
struct Baseline {
  std::string file;
  std::string optimizer;
  std::string schedule;
  double stepsize = unknown;
  double value = unknown;  ///< m
  Interval ci;
  double diverged_share = unknown;
};

/// "sgd.steps" and its value.
using AxisValue = std::pair<std::string, model::AxisValue>;

/// Whether the theory's bound holds for what was measured.
struct TheoryScope {
  bool applies = true;  ///< false leaves out everything that is theory's
  std::string caveat;   ///< one line that says what is left out, and why; empty: nothing
};

/// The schedules at an axes point, or over an axis.
struct Group {
  std::vector<AxisValue> axes;
  Coverage coverage;
  TheoryScope theory;
  std::string error_name = {};  ///< what e is: "excess_loss", "train_loss - f_star", "1 - test_accuracy"
  /// Along worst_over, which CurvePoint::worst_at counts: the value, or the values of paired keys.
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

/// What a results file says, group by group.
struct Analysis {
  std::string metric;
  std::string select_by;   ///< the metric that chooses ρ; empty: the same
  std::string statistic;   ///< Statistic::name()
  std::string worst_over;  ///< empty: none
  Window window;           ///< of the exponents
  std::vector<double> tolerances;
  std::int64_t seeds = 0;
  std::int64_t resamples = 0;
  Missing missing = {};              ///< in the whole file
  std::int64_t axes_points = 1;      ///< of the whole file
  std::int64_t excluded_points = 0;  ///< of these: left out by the sweep
  std::vector<Group> groups = {};
  std::vector<std::string> warnings = {};  ///< of the whole file, then of every group

  /// That of the first group to which theory applies, if possible of one with a caveat; of the first group if
  /// it applies to none.
  TheoryScope theory() const;
};

/// What the bound of a schedule says of grids, by the ratios and the tolerances asked for; minus 1 as in
/// CoarseGrid. Empty where there is no bound.
struct GridTheory {
  std::vector<double> worst{};
  std::vector<double> mean{};
  std::vector<double> crossings{};
};
/// By schedule and steps: the same at all axes points with as many steps.
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
  /// false leaves out the intervals, at a tenth of the time; all values are the same.
  bool with_intervals = true;
  bool with_theory = true;                       ///< false leaves out all that takes O(T·|ρ|)
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
  /// @param file must outlive it
  /// @param options which metric, and how
  /// Throws core::InputError for a metric or an axis that the file does not have, and for a baseline on
  /// another problem.
  Analyser(const store::ResultsReader& file, Options options);

  const std::string& metric() const { return options_.metric; }
  /// Number of axes points, worst_over apart. Points that the sweep leaves out are in no group.
  std::int64_t groups() const;
  Group group(std::int64_t index) const;
  /// That of the group alone, which is quickly read.
  Coverage coverage(std::int64_t index) const;
  /// All of it.
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
  std::vector<std::int64_t> groups_{};  ///< of the whole grid, those with a point that is not left out
  std::vector<store::ResultsReader> baselines_;
  /// The last one that was asked for, and its seeds: most groups count the same, and drawing takes long.
  mutable std::optional<std::pair<std::vector<std::int64_t>, Bootstrap>> drawn_;
  mutable GridTheories grid_theories_{};
};

/// "sgd.steps = 1024, problem.l2 = 0.1", long texts shortened; empty without axes.
std::string label(const std::vector<AxisValue>& axes);
/// Where an axes point is: the values of all keys that axes vary.
std::vector<AxisValue> axes_at(const model::Grid& grid, core::PointIndex point);
/// The values of the keys of one axis at a point.
std::vector<AxisValue> values_at(const model::Axis& axis, std::int64_t index);

}  // namespace rhosweep::analysis
