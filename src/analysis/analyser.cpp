#include "coarse_grids.hpp"
#include "series.hpp"

#include "rhosweep/analysis/analysis.hpp"
#include "rhosweep/core/error.hpp"
#include "rhosweep/core/text.hpp"
#include "rhosweep/model/key_spec.hpp"
#include "rhosweep/model/sweep.hpp"
#include "rhosweep/theory/bounds.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>
#include <optional>
#include <span>

#include <fmt/format.h>

namespace rhosweep::analysis {

using core::PointIndex;

namespace {

/// A ρ counts as reached if it lies within this ratio of the one that is asked for.
constexpr double reach = 1.26;
/// Rounding of a ratio of two ρ of a grid.
constexpr double ratio_rounding = 1e-9;
/// Below it, percentile intervals are markedly too narrow.
constexpr std::int64_t few_seeds = 10;

bool has_metric(const store::ResultsReader& file, const std::string& name) {
  const auto& metrics = file.description().metrics;
  return std::any_of(metrics.begin(), metrics.end(),
                     [&](const model::Metric& metric) { return metric.name == name; });
}

/// An accuracy: the worst that a diverged trial can have is not infinite.
bool is_accuracy(const store::ResultsReader& file, const std::string& name) {
  for (const model::Metric& metric : file.description().metrics)
    if (metric.name == name) return std::isfinite(metric.diverged);
  return false;
}

/// Least-squares slope; NaN with fewer than two points or with a NaN among them.
double slope(std::span<const double> x, std::span<const double> y) {
  if (x.size() < 2) return unknown;
  const auto n = static_cast<double>(x.size());
  const double mean_x = std::accumulate(x.begin(), x.end(), 0.0) / n;
  const double mean_y = std::accumulate(y.begin(), y.end(), 0.0) / n;
  double xy = 0.0;
  double xx = 0.0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    xy += (x[i] - mean_x) * (y[i] - mean_y);
    xx += (x[i] - mean_x) * (x[i] - mean_x);
  }
  return xy / xx;
}

/// The series of one schedule with what is derived from it.
class ScheduleAnalyser {
 public:
  /// @param order of the grid's ρ, increasing
  /// @param missing (ρ), in the grid's order
  ScheduleAnalyser(const std::vector<double>& rhos, const std::vector<std::int64_t>& order,
                   const Series& series, std::span<const Missing> missing, double floor)
      : points_(std::ssize(order)), resamples_(std::ssize(series.resampled) / points_) {
    for (const std::int64_t r : order) {
      rho_.push_back(rhos[r]);
      cost_.push_back(series.cost[r]);
      error_.push_back(series.cost[r] - floor);
      diverged_.push_back(series.diverged[r]);
      missing_.push_back(missing[r]);
    }
    resampled_error_.reserve(series.resampled.size());
    for (std::int64_t b = 0; b < resamples_; ++b)
      for (const std::int64_t r : order)
        resampled_error_.push_back(series.resampled[b * points_ + r] - floor);
    floor_ = floor;
    for (std::int64_t i = 0; i < points_; ++i)
      if (!std::isnan(error_[i]) && (best_ < 0 || error_[i] < error_[best_])) best_ = i;
    if (best_ >= 0 && std::isinf(error_[best_])) best_ = -1;
  }

  /// The place of the best ρ; −1 if there is none.
  std::int64_t best() const { return best_; }
  double ratio(std::int64_t i) const { return rho_[i] / rho_[best_]; }
  bool is_present(std::int64_t i) const { return !std::isnan(cost_[i]); }
  const std::vector<double>& errors() const { return error_; }
  const std::vector<double>& resampled_errors() const { return resampled_error_; }

  /// Of the mean of the metric.
  Interval interval(std::int64_t i, const Cost& cost) const {
    std::vector<double> values;
    for (std::int64_t b = 0; b < resamples_; ++b)
      values.push_back(cost.to_metric(resampled_error_[b * points_ + i] + floor_));
    return percentile_interval(std::move(values));
  }

  void fill_curve(const Cost& cost, ScheduleAnalysis& into) const {
    for (std::int64_t i = 0; i < points_; ++i) {
      if (!is_present(i)) {
        into.left_out.push_back({.rho = rho_[i], .missing = missing_[i]});
        continue;
      }
      CurvePoint point{.rho = rho_[i],
                       .mean = cost.to_metric(cost_[i]),
                       .ci = interval(i, cost),
                       .diverged = diverged_[i],
                       .missing = missing_[i]};
      if (best_ >= 0) {
        point.ratio_to_best = ratio(i);
        // A best of zero is a minimum that was met up to rounding: nothing is a multiple of it.
        if (error_[best_] > 0.0) point.error_ratio = error_[i] / error_[best_];
      }
      into.curve.push_back(point);
    }
  }

  /// @return how many ρ of the window are left out because a seed has diverged there
  std::int64_t fill_exponent(const Window& window, ScheduleAnalysis& into) const {
    if (best_ < 0) return 0;
    std::vector<std::int64_t> places;
    std::int64_t left_out = 0;
    for (std::int64_t i = best_; i < points_; ++i) {
      const bool is_inside = ratio(i) >= window.low * (1 - ratio_rounding) &&
                             ratio(i) <= window.high * (1 + ratio_rounding) && is_present(i);
      if (!is_inside) continue;
      if (std::isinf(error_[i]))
        ++left_out;
      else
        places.push_back(i);
    }
    std::vector<double> log_rho;
    std::vector<double> log_theory;
    for (const std::int64_t i : places) {
      log_rho.push_back(std::log(rho_[i]));
      for (const CurvePoint& point : into.curve)
        if (point.rho == rho_[i]) log_theory.push_back(std::log(point.theory_ratio));
    }
    into.exponent_points = std::ssize(places);
    into.exponent = slope(log_rho, log_errors(error_, places));
    into.theory_slope = slope(log_rho, log_theory);
    std::vector<double> slopes;
    for (std::int64_t b = 0; b < resamples_; ++b)
      slopes.push_back(
          slope(log_rho, log_errors(std::span(resampled_error_).subspan(b * points_, points_), places)));
    into.exponent_ci = percentile_interval(std::move(slopes));
    return left_out;
  }

  double sensitivity(double initial) const {
    if (best_ < 0) return unknown;
    const double least = *std::min_element(cost_.begin(), cost_.end(), [](double a, double b) {
      return a < b || (std::isnan(b) && !std::isnan(a));
    });
    double sum = 0.0;
    double count = 0.0;
    for (const double cost : cost_) {
      if (std::isnan(cost)) continue;
      sum += std::min(cost, initial) - least;
      ++count;
    }
    return std::isnan(initial) ? unknown : sum / count;
  }

 private:
  /// NaN where e is not positive.
  static std::vector<double> log_errors(std::span<const double> errors,
                                        const std::vector<std::int64_t>& places) {
    std::vector<double> logs;
    logs.reserve(places.size());
    for (const std::int64_t i : places) logs.push_back(errors[i] > 0.0 ? std::log(errors[i]) : unknown);
    return logs;
  }

  std::int64_t points_;
  std::int64_t resamples_;
  std::vector<double> rho_;  ///< increasing, as everything below
  std::vector<double> cost_;
  std::vector<double> error_;
  std::vector<std::int64_t> diverged_;
  std::vector<Missing> missing_;
  std::vector<double> resampled_error_;  ///< (resamples, ρ)
  double floor_ = 0.0;
  std::int64_t best_ = -1;
};

/// f_star if it is what the metric stands above and the same at all points, else 0.
double floor_of(const store::ResultsReader& file, const std::string& metric,
                const std::vector<PointIndex>& points) {
  if (metric != model::metrics::train_loss.name) return 0.0;
  const double floor = file.f_star(points.front());
  for (const PointIndex point : points)
    if (file.f_star(point) != floor) return 0.0;
  return std::isnan(floor) ? 0.0 : floor;
}

/// The number of steps at all points; nothing if they differ.
std::optional<std::int64_t> steps_of(const store::ResultsReader& file,
                                     const std::vector<PointIndex>& points) {
  const std::int64_t steps = file.steps(points.front()).back();
  for (const PointIndex point : points)
    if (file.steps(point).back() != steps) return std::nullopt;
  return steps;
}

/// η at a schedule and ρ; NaN if the points differ in it.
double stepsize_of(const store::ResultsReader& file, const std::vector<PointIndex>& points,
                   std::int64_t trial) {
  const double stepsize = file.stepsizes(points.front())[trial];
  for (const PointIndex point : points)
    if (file.stepsizes(point)[trial] != stepsize) return unknown;
  return stepsize;
}

void fill_theory(const model::Schedule& schedule, std::int64_t steps, std::vector<CurvePoint>& curve) {
  std::vector<double> ratios;
  ratios.reserve(curve.size());
  for (const CurvePoint& point : curve) ratios.push_back(point.ratio_to_best);
  const auto bounds = theory::bound_ratios(schedule, steps, ratios);
  for (std::size_t i = 0; i < curve.size(); ++i) curve[i].theory_ratio = bounds[i].ratio;
}

/// What a sweep's [sgd] leaves of the theory: the bound is of the last iterate (theory::ScheduleSums) of
/// w − η h_t g alone. The canonical text names no optimizer that is SGD. With momentum the bound's ratios
/// still make a comparison, as they do not change with a factor of η.
TheoryScope theory_scope(const store::FileDescription& file) {
  if (const std::string optimizer = model::value_text(file.sweep, "sgd.optimizer"); !optimizer.empty())
    return {.applies = false,
            .caveat = fmt::format("the theory is of SGD: none for the optimizer {}", optimizer)};
  if (model::value_text(file.sweep, "sgd.iterate") == model::to_toml(model::Value{std::string("average")}))
    return {.applies = false, .caveat = "the theory is of the last iterate: none for the average"};
  const std::string momentum = model::value_text(file.sweep, "sgd.momentum");
  const bool is_axis = std::any_of(file.grid.axes.begin(), file.grid.axes.end(),
                                   [](const model::Axis& axis) { return axis.key == "sgd.momentum"; });
  if (!is_axis && (momentum.empty() || momentum == model::to_toml(model::Value{0.0}))) return {};
  return {.applies = true, .caveat = "the theory is of SGD without momentum"};
}

/// What to say where so few seeds count that intervals suffer; empty where not.
std::string few_seeds_text(std::int64_t seeds) {
  if (seeds >= few_seeds) return {};
  return seeds < 2 ? "one seed: there are no intervals"
                   : fmt::format("{} seeds: too few for the intervals, which are then too narrow", seeds);
}

/// Seeds of the grid by their indices.
std::vector<std::int64_t> seeds_at(const model::Grid& grid, const std::vector<std::int64_t>& indices) {
  std::vector<std::int64_t> seeds;
  seeds.reserve(indices.size());
  for (const std::int64_t index : indices) seeds.push_back(grid.seeds[index]);
  return seeds;
}

std::vector<std::int64_t> increasing_order(const std::vector<double>& rhos) {
  std::vector<std::int64_t> order(rhos.size());
  std::iota(order.begin(), order.end(), std::int64_t{0});
  std::sort(order.begin(), order.end(), [&](std::int64_t a, std::int64_t b) { return rhos[a] < rhos[b]; });
  return order;
}

/// What a reader must know before believing a schedule's numbers.
/// @param left_out ρ of the exponent's window
std::vector<std::string> warnings_about(const ScheduleAnalysis& schedule, const Series& series,
                                        std::int64_t seeds, std::int64_t points, std::int64_t left_out) {
  std::vector<std::string> lines;
  const auto warn = [&](const std::string& line) {
    lines.push_back(fmt::format("{}: {}", schedule.schedule, line));
  };
  const std::int64_t rhos = std::ssize(series.cost);
  if (const std::int64_t absent = std::ssize(schedule.left_out); absent > 0) {
    const std::int64_t trials =
        std::accumulate(series.missing.begin(), series.missing.end(), std::int64_t{0});
    warn(
        fmt::format("{} of {} rho are left out: {} of their {} trials are pending, failed or without a value",
                    absent, rhos, trials, absent * seeds * points));
  }
  const auto mostly = std::count_if(series.diverged.begin(), series.diverged.end(),
                                    [&](std::int64_t diverged) { return 2 * diverged > seeds; });
  if (mostly > 0) warn(fmt::format("most seeds have diverged at {} of {} rho", mostly, rhos));
  if (schedule.curve.empty()) return lines;
  if (std::isnan(schedule.best_rho)) {
    warn("no rho has a finite mean, so that there is no best one");
    return lines;
  }
  if (rhos > 1 && schedule.best_rho == schedule.curve.front().rho)
    warn(fmt::format("the best rho, {:.4g}, is the least of the grid: the best stepsize may lie below",
                     schedule.best_rho));
  if (rhos > 1 && schedule.best_rho == schedule.curve.back().rho)
    warn(fmt::format("the best rho, {:.4g}, is the largest of the grid: the best stepsize may lie above",
                     schedule.best_rho));
  if (left_out > 0)
    warn(fmt::format("the exponent leaves out {} rho of its window where seeds have diverged", left_out));
  return lines;
}

/// The index of an axis; the number of axes for no name.
std::int64_t find_axis(const store::ResultsReader& file, const std::string& key) {
  const auto& axes = file.description().grid.axes;
  std::vector<std::string> keys;
  keys.reserve(axes.size());
  for (const model::Axis& axis : axes) keys.push_back(axis.key);
  const auto found = std::find(keys.begin(), keys.end(), key);
  if (!key.empty() && found == keys.end())
    throw core::InputError(fmt::format("--worst-over: found {}{}; allowed: {}", key, core::hint(key, keys),
                                       keys.empty() ? "nothing, the file has no axes" : core::either(keys)));
  return found - keys.begin();
}

Options complete(Options options, const store::ResultsReader& file) {
  if (options.metric.empty()) options.metric = default_metric(file);
  std::vector<std::string> names;
  for (const model::Metric& metric : file.description().metrics) names.push_back(metric.name);
  if (!has_metric(file, options.metric))
    throw core::InputError(fmt::format("--metric: found {}{}; allowed: {}", options.metric,
                                       core::hint(options.metric, names), core::either(names)));
  return options;
}

}  // namespace

std::string default_metric(const store::ResultsReader& file) {
  const auto& f_star = file.description().f_star;
  const bool is_known = std::none_of(f_star.begin(), f_star.end(), [](double f) { return std::isnan(f); });
  return is_known && has_metric(file, model::metrics::excess_loss.name) ? model::metrics::excess_loss.name
                                                                        : model::metrics::train_loss.name;
}

Analyser::Analyser(const store::ResultsReader& file, Options options)
    : file_(file),
      options_(complete(std::move(options), file)),
      worst_axis_(find_axis(file, options_.worst_over)),
      theory_(theory_scope(file.description())) {}

std::int64_t Analyser::groups() const {
  const model::Grid& grid = file_.description().grid;
  return worst_axis_ < std::ssize(grid.axes) ? grid.points() / grid.axes[worst_axis_].size() : grid.points();
}

std::vector<PointIndex> Analyser::points_of(std::int64_t index) const {
  const model::Grid& grid = file_.description().grid;
  if (worst_axis_ >= std::ssize(grid.axes)) return {PointIndex{index}};
  // Points are row-major: those that differ along the axis only are `inner` apart.
  std::int64_t inner = 1;
  for (std::int64_t a = worst_axis_ + 1; a < std::ssize(grid.axes); ++a) inner *= grid.axes[a].size();
  const std::int64_t along = grid.axes[worst_axis_].size();
  const std::int64_t first = index / inner * inner * along + index % inner;
  std::vector<PointIndex> points;
  for (std::int64_t i = 0; i < along; ++i) points.push_back(PointIndex{first + i * inner});
  return points;
}

Coverage Analyser::coverage(std::int64_t index) const {
  return read_coverage(file_, points_of(index));
}

/// @param seeds by their indices in the grid
const Bootstrap& Analyser::bootstrap(const std::vector<std::int64_t>& seeds) const {
  if (!drawn_ || drawn_->first != seeds)
    drawn_.emplace(seeds, Bootstrap(seeds_at(file_.description().grid, seeds), options_.resamples));
  return drawn_->second;
}

Group Analyser::group(std::int64_t index) const {
  const model::Grid& grid = file_.description().grid;
  const std::vector<PointIndex> points = points_of(index);
  const Cost cost{.metric = options_.metric, .is_accuracy = is_accuracy(file_, options_.metric)};
  const double floor = floor_of(file_, options_.metric, points);
  Group group{
      .axes = axes_at(grid, points.front()), .coverage = coverage(index), .schedules = {}, .warnings = {}};
  if (worst_axis_ < std::ssize(grid.axes)) group.axes.erase(group.axes.begin() + worst_axis_);
  const std::int64_t seeds = group.coverage.seeds_used();
  if (const std::string few = few_seeds_text(seeds); seeds < group.coverage.of_seeds && !few.empty())
    group.warnings.push_back(few);
  const Selection selection{.file = file_, .cost = cost, .points = points, .seeds = group.coverage.seeds};
  const Bootstrap& bootstrap = this->bootstrap(selection.seeds);
  const double initial = initial_cost(selection);
  const auto steps = steps_of(file_, points);
  const auto order = increasing_order(grid.rhos);
  std::vector<double> rhos;
  rhos.reserve(order.size());
  for (const std::int64_t r : order) rhos.push_back(grid.rhos[r]);
  const double ratio = geometric_ratio(rhos);

  for (std::int64_t s = 0; s < std::ssize(grid.schedules); ++s) {
    const Series series = read_series(selection, s, bootstrap);
    const auto missing = std::span(group.coverage.missing).subspan(s * std::ssize(rhos), std::ssize(rhos));
    const ScheduleAnalyser analyser(grid.rhos, order, series, missing, floor);
    ScheduleAnalysis found;
    found.schedule = grid.schedules[s].spec();
    if (theory_.applies) found.theory_exponent = grid.schedules[s].cost_exponent();
    for (const Missing& trials : missing) found.missing += trials;
    analyser.fill_curve(cost, found);
    if (const std::int64_t best = analyser.best(); best >= 0) {
      found.best_rho = rhos[best];
      found.best_stepsize = stepsize_of(file_, points, s * std::ssize(rhos) + order[best]);
      found.best = cost.to_metric(series.cost[order[best]]);
      found.best_ci = analyser.interval(best, cost);
      if (options_.with_theory && theory_.applies && steps)
        fill_theory(grid.schedules[s], *steps, found.curve);
    }
    const std::int64_t left_out = analyser.fill_exponent(options_.window, found);
    found.lr_sensitivity = analyser.sensitivity(initial);
    if (!std::isnan(ratio))
      found.coarse_grid = coarse_grids(ratio, analyser.errors(), analyser.resampled_errors());
    found.advice = advise(found.coarse_grid, std::ssize(rhos), options_.tolerance);
    const auto lines = warnings_about(found, series, seeds, std::ssize(points), left_out);
    group.warnings.insert(group.warnings.end(), lines.begin(), lines.end());
    group.schedules.push_back(std::move(found));
  }
  if (const std::string where = label(group.axes); !where.empty())
    for (std::string& line : group.warnings) line = fmt::format("{}: {}", where, line);
  return group;
}

Analysis Analyser::analyse() const {
  const store::FileDescription& file = file_.description();
  Analysis analysis{.metric = options_.metric,
                    .worst_over = options_.worst_over,
                    .seeds = std::ssize(file.grid.seeds),
                    .resamples = Bootstrap::resamples(std::ssize(file.grid.seeds), options_.resamples),
                    .missing = {},
                    .theory = theory_,
                    .groups = {},
                    .warnings = {}};
  if (const std::string few = few_seeds_text(analysis.seeds); !few.empty()) analysis.warnings.push_back(few);
  if (file.initial.empty())
    analysis.warnings.emplace_back(
        "the file does not hold the metrics at the initial point (an older rhosweep made it): no learning-rate sensitivity");
  std::vector<double> rhos = file.grid.rhos;
  std::sort(rhos.begin(), rhos.end());
  if (std::isnan(geometric_ratio(rhos)))
    analysis.warnings.emplace_back("the rho are not a geometric grid: no coarse grids");
  for (std::int64_t g = 0; g < groups(); ++g) {
    analysis.groups.push_back(group(g));
    for (const ScheduleAnalysis& found : analysis.groups.back().schedules) analysis.missing += found.missing;
    const auto& lines = analysis.groups.back().warnings;
    analysis.warnings.insert(analysis.warnings.end(), lines.begin(), lines.end());
  }
  return analysis;
}

std::string label(const std::vector<AxisValue>& axes) {
  std::string text;
  for (const auto& [key, value] : axes)
    text += fmt::format("{}{} = {}", text.empty() ? "" : ", ", key,
                        std::visit([](auto number) { return fmt::format("{}", number); }, value));
  return text;
}

std::vector<AxisValue> axes_at(const model::Grid& grid, PointIndex point) {
  const auto index = grid.coordinates(point);
  std::vector<AxisValue> axes;
  for (std::size_t a = 0; a < grid.axes.size(); ++a)
    std::visit([&](const auto& values) { axes.emplace_back(grid.axes[a].key, values[index[a]]); },
               grid.axes[a].values);
  return axes;
}

const CurvePoint* point_near(const ScheduleAnalysis& schedule, double factor) {
  const CurvePoint* nearest = nullptr;
  const auto distance = [factor](const CurvePoint& point) {
    return std::abs(std::log(point.ratio_to_best / factor));
  };
  for (const CurvePoint& point : schedule.curve)
    if (nearest == nullptr || distance(point) < distance(*nearest)) nearest = &point;
  const bool is_reached = nearest != nullptr && distance(*nearest) <= std::log(reach);
  return is_reached ? nearest : nullptr;
}

}  // namespace rhosweep::analysis
