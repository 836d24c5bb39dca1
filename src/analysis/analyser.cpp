#include "baselines.hpp"
#include "costs.hpp"
#include "cross_fit.hpp"
#include "fill_answer.hpp"
#include "grid_growth.hpp"
#include "judge_valley.hpp"
#include "measured_curve.hpp"
#include "theory_scope.hpp"
#include "warnings.hpp"

#include "rhosweep/analysis/analysis.hpp"
#include "rhosweep/core/error.hpp"
#include "rhosweep/core/increasing_order.hpp"
#include "rhosweep/core/text.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>
#include <optional>
#include <span>
#include <utility>

#include <fmt/format.h>

namespace rhosweep::analysis {

using core::PointIndex;

namespace {

/// Returns the formula of an error: "1 - accuracy", "train_loss - f_star" or the metric itself.
std::string error_name(const Selection& selection) {
  if (const auto bound = selection.cost.at_most)
    return fmt::format("{} - {}", core::to_text(*bound), selection.cost.metric);
  return selection.floor == 0.0 ? selection.cost.metric : fmt::format("{} - f_star", selection.cost.metric);
}

/// Returns η of a schedule at a ρ that need not be in the grid; NaN if η differs between the axes points.
/// @param trial index, in an array of shape (schedule, ρ), of the schedule and any ρ of the grid; η at that ρ
/// is scaled to `rho`
double stepsize_at(const store::ResultsReader& file, const std::vector<PointIndex>& points,
                   std::int64_t trial, double rho) {
  const auto& rhos = file.description().grid.rhos;
  const double of_grid = rhos[trial % std::ssize(rhos)];
  const double stepsize = common_stepsize(file, points, trial);
  return rho == of_grid ? stepsize : stepsize * (rho / of_grid);
}

/// Returns the learning-rate sensitivity: the mean over all ρ of the errors from clipped_at_start(), minus
/// the least of these errors. Ignores errors that are NaN; returns NaN if all are.
double sensitivity(std::vector<double> clipped) {
  std::erase_if(clipped, [](double error) { return std::isnan(error); });
  if (clipped.empty()) return unknown;
  const double least = *std::min_element(clipped.begin(), clipped.end());
  double sum = 0.0;
  for (const double error : clipped) sum += error - least;
  return sum / static_cast<double>(clipped.size());
}

/// Returns the index of the axis with this key or name, or the number of axes if `key` is empty.
std::int64_t find_axis(const store::ResultsReader& file, const std::string& key) {
  const auto& axes = file.description().grid.axes;
  std::vector<std::string> keys;
  for (const model::Axis& axis : axes)
    model::for_each_coordinate(
        axis, [&](const std::string& name, const model::AxisValues&) { keys.push_back(name); });
  const auto found = std::ranges::find_if(
      axes, [&](const model::Axis& axis) { return axis.find(key) != nullptr || axis.name() == key; });
  if (!key.empty() && found == axes.end())
    core::refuse("--worst-over", key + core::hint(key, keys),
                 keys.empty() ? "nothing, the file has no axes" : core::either(keys));
  return found - axes.begin();
}

/// Returns the number of points along an axis. Returns 1 if `axis` is the number of axes, that is, no axis.
std::int64_t points_along(const model::Grid& grid, std::int64_t axis) {
  return axis < std::ssize(grid.axes) ? grid.axes[axis].size() : 1;
}

Options complete(Options options, const store::ResultsReader& file) {
  if (options.metric.empty()) options.metric = default_metric(file);
  const bool is_search = file.description().search.has_value();
  if (is_search || file.description().stop_when) {
    // A search runs only some ρ of the grid, and the results of stopped trials are unknown. Without all
    // results the costs of grids of stepsizes cannot be computed.
    const auto counts = file.count_status();
    const std::int64_t not_run = counts[model::CellStatus::pending] + counts[model::CellStatus::not_needed];
    if ((is_search && not_run > 0) || counts[model::CellStatus::stopped] > 0) options.with_grids = false;
  }
  require_metric(file, "--metric", options.metric);
  if (!options.select_by.empty()) require_metric(file, "--select-by", options.select_by);
  return options;
}

/// Fills Advice::saved_share: the share of trials that a schedule saves at a tolerance, compared with the
/// schedule that needs the most trials.
void fill_savings(std::vector<ScheduleAnalysis>& schedules, std::size_t tolerances) {
  for (std::size_t t = 0; t < tolerances; ++t) {
    double least = std::numeric_limits<double>::infinity();
    for (const ScheduleAnalysis& found : schedules)
      if (t < found.advice.size() && found.advice[t].advised < least) least = found.advice[t].advised;
    for (ScheduleAnalysis& found : schedules)
      if (t < found.advice.size() && found.advice[t].advised > 1.0)
        found.advice[t].saved_share = 1.0 - std::log(least) / std::log(found.advice[t].advised);
  }
}

/// Returns the index of the schedule that the others are compared with: constant if present, else the first.
std::size_t compared_with(const model::Grid& grid) {
  const auto& schedules = grid.schedules;
  const auto constant = std::find_if(schedules.begin(), schedules.end(),
                                     [](const auto& schedule) { return schedule.canonical() == "constant"; });
  return constant == schedules.end() ? 0 : static_cast<std::size_t>(constant - schedules.begin());
}

void fill_comparisons(const std::vector<ValleyAnswer>& answers, std::size_t with, std::int64_t seeds,
                      std::vector<ScheduleAnalysis>& schedules) {
  for (std::size_t s = 0; s < schedules.size(); ++s) {
    if (s == with) continue;
    schedules[s].compared_with = schedules[with].schedule;
    for (std::size_t g = 0; g < std::min(answers[s].grids.size(), answers[with].grids.size()); ++g) {
      const GridAnswer& own = answers[s].grids[g];
      const GridAnswer& other = answers[with].grids[g];
      GridComparison comparison{.ratio = own.ratio};
      if (own.reason.empty() && other.reason.empty()) {
        const Estimate ratio = paired_ratio(own.worst_error, other.worst_error, seeds);
        comparison.worst = ratio.value;
        comparison.worst_ci = ratio.ci;
      }
      schedules[s].comparison.push_back(comparison);
    }
  }
}

}  // namespace

std::string default_metric(const store::ResultsReader& file) {
  if (const auto& search = file.description().search; search && !search->metric.empty())
    return search->metric;
  const model::Grid& grid = file.description().grid;
  bool is_known = true;
  for (PointIndex point; point.value < grid.axes_points(); ++point)
    is_known = is_known && (grid.is_excluded(point) || !std::isnan(file.f_star(point)));
  return model::default_metric(file.description().metrics, is_known);
}

Analyser::Analyser(const store::ResultsReader& file, Options options)
    : file_(file),
      options_(complete(std::move(options), file)),
      worst_axis_(find_axis(file, options_.worst_over)),
      baselines_(open_baselines(file, options_.baselines)) {
  const auto& axes = file.description().grid.axes;
  if (worst_axis_ < std::ssize(axes)) options_.worst_over = axes[worst_axis_].key;
  const std::int64_t groups =
      file.description().grid.axes_points() / points_along(file.description().grid, worst_axis_);
  for (std::int64_t index = 0; index < groups; ++index)
    if (!included_points_of(index).empty()) groups_.push_back(index);
}

std::int64_t Analyser::groups() const {
  return std::ssize(groups_);
}

std::vector<PointIndex> Analyser::points_of(std::int64_t index) const {
  return included_points_of(groups_.at(index));
}

/// Returns the axes points of a group, without the points that the sweep leaves out. Unlike in points_of(),
/// `index` also counts groups of which all points are left out.
std::vector<PointIndex> Analyser::included_points_of(std::int64_t index) const {
  const model::Grid& grid = file_.description().grid;
  // Axes points are in row-major order, so the indices of neighbours along the axis of --worst-over differ by
  // `inner`.
  std::int64_t inner = 1;
  for (std::int64_t a = worst_axis_ + 1; a < std::ssize(grid.axes); ++a) inner *= grid.axes[a].size();
  const std::int64_t along = points_along(grid, worst_axis_);
  const std::int64_t first = index / inner * inner * along + index % inner;
  std::vector<PointIndex> points;
  for (std::int64_t i = 0; i < along; ++i)
    if (const PointIndex point{first + i * inner}; !grid.is_excluded(point)) points.push_back(point);
  return points;
}

Coverage Analyser::coverage(std::int64_t index) const {
  return read_coverage(file_, points_of(index));
}

/// Returns the bootstrap of some seeds. Draws new resamples only if they are not the seeds of the last call.
/// @param seeds the indices of these seeds in the grid
const Bootstrap& Analyser::bootstrap(const std::vector<std::int64_t>& seeds) const {
  if (!drawn_ || drawn_->first != seeds)
    drawn_.emplace(seeds, Bootstrap(seeds_at(file_.description().grid, seeds), options_.resamples));
  return drawn_->second;
}

/// Returns the part of the file with one metric, at some axes points and seeds and at every ρ of the grid.
Selection Analyser::select(const std::string& metric, const std::vector<PointIndex>& points,
                           const std::vector<std::int64_t>& seeds) const {
  return {.file = file_,
          .cost = cost_of(file_, metric),
          .floor = floor_of(file_, metric, points),
          .points = points,
          .seeds = seeds,
          .rhos = core::increasing_order(file_.description().grid.rhos)};
}

Group Analyser::group(std::int64_t index) const {
  const model::Grid& grid = file_.description().grid;
  const std::vector<PointIndex> points = points_of(index);
  Group group{.axes = axes_at(grid, points.front()),
              .coverage = coverage(index),
              .theory = theory_scope(file_, options_, points)};
  if (worst_axis_ < std::ssize(grid.axes)) {
    const model::Axis& axis = grid.axes[worst_axis_];
    std::erase_if(group.axes, [&](const AxisValue& each) { return axis.find(each.first) != nullptr; });
    for (const PointIndex point : points)
      group.members.push_back(values_at(axis, grid.coordinates(point)[worst_axis_]));
  }
  const Selection selection = select(options_.metric, points, group.coverage.seeds);
  group.error_name = error_name(selection);
  std::vector<ValleyAnswer> answers;
  for (std::int64_t s = 0; s < std::ssize(grid.schedules); ++s) {
    const auto missing =
        std::span(group.coverage.missing).subspan(s * std::ssize(grid.rhos), grid.rhos.size());
    std::vector<Missing> by_rho;
    for (const std::int64_t r : grid.rhos_of(s)) by_rho.push_back(missing[r]);
    answers.push_back(add_schedule(selection, s, by_rho, group));
  }
  for (const store::ResultsReader& baseline : baselines_)
    for (Baseline& row : read_baseline(baseline, selection, options_))
      group.baselines.push_back(std::move(row));
  if (const std::string failures = failure_warning(group.coverage); !failures.empty())
    group.warnings.push_back(failures);
  if (const std::string noise = noise_warning(group.schedules, selection, options_, group.error_name);
      !noise.empty())
    group.warnings.push_back(noise);
  if (worst_axis_ < std::ssize(grid.axes))
    if (const std::string line = stepsize_warning(group.schedules, grid.axes[worst_axis_]); !line.empty())
      group.warnings.push_back(line);
  fill_savings(group.schedules, options_.tolerances.size());
  fill_comparisons(answers, compared_with(grid), group.coverage.seeds_used(), group.schedules);
  if (const std::string where = label(group.axes); !where.empty())
    for (std::string& line : group.warnings) line = fmt::format("{}: {}", where, line);
  return group;
}

/// Analyses a schedule, adds its results and warnings to `group`, and returns the answers of its model.
/// @param missing counts of missing trials, shape (ρ), by increasing ρ
ValleyAnswer Analyser::add_schedule(const Selection& of_group, std::int64_t schedule,
                                    std::span<const Missing> missing, Group& group) const {
  const model::Grid& grid = file_.description().grid;
  Selection selection = with_searched_seeds(of_group, schedule);
  selection.rhos = grid.rhos_of(schedule);
  const std::int64_t seeds = std::ssize(selection.seeds);
  std::vector<double> rhos;
  for (const std::int64_t r : selection.rhos) rhos.push_back(grid.rhos[r]);
  const Bootstrap& bootstrap = this->bootstrap(selection.seeds);
  const std::int64_t points = std::ssize(rhos);
  const std::int64_t first_trial = schedule * std::ssize(grid.rhos);
  const auto measure = [&](const Errors& errors, const Bootstrap& drawn) {
    return MeasuredCurve(rhos, summarise(errors, points, options_.statistic),
                         resampled(errors, points, options_.statistic, drawn));
  };
  const Bootstrap none(seeds_at(grid, selection.seeds), 0);
  const Bootstrap& for_intervals = options_.with_intervals ? bootstrap : none;
  const auto read = [&](const Selection& chosen) {
    Errors errors = read_errors(chosen, schedule);
    if (const std::string line = bound_warning(chosen, errors); !line.empty())
      group.warnings.push_back(fmt::format("{}: {}", grid.schedules[schedule].name(), line));
    return errors;
  };
  const Errors errors = read(selection);
  const MeasuredCurve measured = measure(errors, for_intervals);
  GridQuestion question{.factors = {cost_factors.begin(), cost_factors.end()}};
  if (options_.with_grids) {
    question.ratios = options_.ratios;
    question.tolerances = options_.tolerances;
  }
  // The errors of the metric that chooses stepsizes, if it is not the reported metric.
  std::optional<Errors> choosing_errors;
  std::optional<MeasuredCurve> choosing;
  if (!options_.select_by.empty() && options_.select_by != options_.metric) {
    Selection chooses = select(options_.select_by, selection.points, selection.seeds);
    chooses.rhos = selection.rhos;
    choosing_errors = read(chooses);
    choosing = measure(*choosing_errors, for_intervals);
  }
  const auto judge = [&](const MeasuredCurve& curve, const std::optional<MeasuredCurve>& chooses) {
    const ResampledCurve reported = curve.members();
    return chooses ? judge_valley(rhos, chooses->members(), seeds, question, &reported)
                   : judge_valley(rhos, reported, seeds, question);
  };
  ValleyAnswer answer = judge(measured, choosing);
  ScheduleAnalysis found;
  found.schedule = grid.schedules[schedule].spec();
  found.residual = answer.residual;
  double tuned_error = unknown;
  if (const std::int64_t best = (choosing ? *choosing : measured).best();
      best >= 0 && std::isfinite(measured.errors()[best])) {
    found.naive_best_rho = rhos[best];
    found.naive_best_stepsize =
        stepsize_at(file_, selection.points, first_trial + selection.rhos[best], found.naive_best_rho);
    found.naive_best = selection.to_metric(measured.errors()[best]);
    found.naive_best_ci = to_metric(selection, measured.interval(best, seeds));
    // Without a model the best ρ of the grid is used as the optimum.
    const bool has_model = answer.reason.empty();
    found.best_rho = has_model ? answer.rho.value : found.naive_best_rho;
    found.best_stepsize =
        stepsize_at(file_, selection.points, first_trial + selection.rhos[best], found.best_rho);
    if (has_model) found.best_rho_ci = answer.rho.ci;
    const double stepsize_of_rho = found.best_stepsize / found.best_rho;
    found.best_stepsize_ci = {.low = found.best_rho_ci.low * stepsize_of_rho,
                              .high = found.best_rho_ci.high * stepsize_of_rho};
    tuned_error = has_model ? answer.least.value : measured.errors()[best];
    found.best = found.naive_best;
    found.best_ci = found.naive_best_ci;
    const auto estimate_with = [&](Rounding rounding) {
      return honest_best(rhos, errors, seeds_at(grid, selection.seeds), options_.statistic, bootstrap,
                         rounding,
                         choosing_errors ? std::span<const std::vector<double>>(*choosing_errors)
                                         : std::span<const std::vector<double>>());
    };
    HonestBest honest = estimate_with(answer.rounding);
    if (honest.reason == few_seeds_decide && answer.rounding == Rounding::none && !options_.with_intervals) {
      // Only resamples tell whether the model rounds off the optimum, and `answer` is without any. If the
      // model does, the estimate has a wider interval, so that few seeds may no longer decide it.
      std::optional<MeasuredCurve> chooses;
      if (choosing_errors) chooses = measure(*choosing_errors, bootstrap);
      if (const Rounding rounding = judge(measure(errors, bootstrap), chooses).rounding;
          rounding != Rounding::none)
        honest = estimate_with(rounding);
    }
    // The model is of log e, so it fails where an error is 0 or below. At the edge of the sweep, it may lie
    // below the measured errors. In both cases the measured error is used.
    const bool needs_measured = answer.has_error_below_floor || answer.is_at_edge;
    found.best_reason = needs_measured ? answer.reason : honest.reason;
    if (found.best_reason.empty()) {
      found.best = selection.to_metric(honest.error.value);
      found.best_ci = to_metric(selection, honest.error.ci);
    }
  }
  measured.fill(selection, missing, tuned_error, found);
  // A search leaves out some rho, and the results of stopped trials are unknown. What a wrong stepsize costs
  // is known only where all rho have results.
  const bool has_gaps = file_.description().search || found.missing.stopped > 0;
  const bool has_all_rho = !has_gaps || found.left_out.empty();
  fill_costs(answer, measured, tuned_error, found);
  if (!has_all_rho) {
    for (FactorCost& cost : found.costs) {
      cost.error_ratio = unknown;
      cost.error_ratio_ci = {};
    }
  }
  fill_grids(answer, selection, rhos, found);
  fill_growth(answer, seeds, found);
  if (options_.with_theory && group.theory.applies)
    fill_theory(file_, selection.points, schedule, steps_of(file_, selection.points), grid_theories_, found);
  const std::int64_t left_out = measured.fill_exponent(options_.window, seeds, found);
  // The sensitivity is a mean over all ρ. A diverged trial counts with its error at the initial point.
  if (!std::isnan(found.best_rho) && has_all_rho)
    found.lr_sensitivity = sensitivity(clipped_at_start(errors, selection, options_.statistic));
  const model::Axis* const worst_over =
      worst_axis_ < std::ssize(grid.axes) ? &grid.axes[worst_axis_] : nullptr;
  const auto lines = warnings_about(found, measured, selection, options_, left_out, worst_over);
  group.warnings.insert(group.warnings.end(), lines.begin(), lines.end());
  group.schedules.push_back(std::move(found));
  return answer;
}

Analysis Analyser::analyse() const {
  const store::FileDescription& file = file_.description();
  Analysis analysis{.metric = options_.metric,
                    .select_by = options_.select_by,
                    .statistic = name_of(options_.statistic),
                    .worst_over = options_.worst_over,
                    .window = options_.window,
                    .tolerances = options_.tolerances,
                    .seeds = std::ssize(file.grid.seeds),
                    .resamples = Bootstrap::resamples(std::ssize(file.grid.seeds), options_.resamples),
                    .missing = {},
                    .stopped_by = metric_of_stops(file_),
                    .axes_points = file.grid.axes_points(),
                    .excluded_points = file.grid.axes_points() - file.grid.included_points()};
  if (analysis.seeds < fewest_seeds)
    analysis.warnings.push_back(fmt::format("{}: there are no intervals; at least {} seeds give one",
                                            core::counted(analysis.seeds, "seed"), fewest_seeds));
  if (analysis.resamples > 0 && analysis.resamples < fewest_resamples)
    analysis.warnings.push_back(fmt::format(
        "--resamples: {} are too few for a 95 % interval; at least {} give one, 999 or more a steady one",
        analysis.resamples, fewest_resamples));
  if (file.initial.empty())
    analysis.warnings.emplace_back(
        "the file does not hold the metrics at the initial point (an older rhosweep made it): no learning-rate sensitivity");
  for (std::int64_t g = 0; g < groups(); ++g) {
    analysis.groups.push_back(group(g));
    for (const ScheduleAnalysis& found : analysis.groups.back().schedules) analysis.missing += found.missing;
  }
  if (analysis.missing.stopped > 0 && analysis.stopped_by != choosing_metric(options_))
    analysis.warnings.push_back(fmt::format(
        "trials were stopped early by their {0}, so the best rho by {1} may be one that is left out; "
        "what this file knows is the best rho by {0}",
        analysis.stopped_by, choosing_metric(options_)));
  for (const Group& each : analysis.groups)
    analysis.warnings.insert(analysis.warnings.end(), each.warnings.begin(), each.warnings.end());
  return analysis;
}

TheoryScope Analysis::theory() const {
  const auto found =
      std::find_if(groups.begin(), groups.end(), [](const Group& group) { return group.theory.applies; });
  if (found != groups.end()) {
    const auto with_caveat = std::find_if(found, groups.end(), [](const Group& group) {
      return group.theory.applies && !group.theory.caveat.empty();
    });
    return (with_caveat != groups.end() ? with_caveat : found)->theory;
  }
  return groups.empty() ? TheoryScope{} : groups.front().theory;
}

std::string label(const std::vector<AxisValue>& axes) {
  std::string text;
  for (const auto& [key, value] : axes)
    text += fmt::format("{}{} = {}", text.empty() ? "" : ", ", key, core::short_label(model::text_of(value)));
  return text;
}

std::vector<AxisValue> values_at(const model::Axis& axis, std::int64_t index) {
  std::vector<AxisValue> values;
  model::for_each_coordinate(axis, [&](const std::string& key, const model::AxisValues& list) {
    values.emplace_back(key, model::value_at(list, index));
  });
  return values;
}

std::vector<AxisValue> axes_at(const model::Grid& grid, PointIndex point) {
  const auto index = grid.coordinates(point);
  std::vector<AxisValue> axes;
  for (std::size_t a = 0; a < grid.axes.size(); ++a)
    for (AxisValue& value : values_at(grid.axes[a], index[a])) axes.push_back(std::move(value));
  return axes;
}

}  // namespace rhosweep::analysis
