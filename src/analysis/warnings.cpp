#include "warnings.hpp"

#include "rhosweep/core/text.hpp"
#include "rhosweep/model/schedule.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include <fmt/format.h>

namespace rhosweep::analysis {

namespace {

/// The warnings about one schedule.
class Lines {
 public:
  explicit Lines(const ScheduleAnalysis& schedule) : schedule_(schedule) {}

  void add(const std::string& line) {
    lines_.push_back(fmt::format("{}: {}", model::schedule_name(schedule_.schedule), line));
  }
  std::vector<std::string> take() { return std::move(lines_); }

 private:
  const ScheduleAnalysis& schedule_;
  std::vector<std::string> lines_;
};

double least_tolerance(const Options& options) {
  return options.tolerances.empty() ? unknown
                                    : *std::min_element(options.tolerances.begin(), options.tolerances.end());
}

double largest_tolerance(const Options& options) {
  return options.tolerances.empty() ? 0.0
                                    : *std::max_element(options.tolerances.begin(), options.tolerances.end());
}

void add_missing(const ScheduleAnalysis& schedule, const MeasuredCurve& measured, const Selection& selection,
                 Lines& lines) {
  const std::size_t left_out = schedule.left_out.size();
  if (left_out == 0 || selection.file.description().search) return;
  if (schedule.missing.stopped > 0 && !schedule.missing.any()) return;  // the table counts stopped trials
  const auto& missing = measured.summary().missing;
  const std::int64_t trials = std::accumulate(missing.begin(), missing.end(), std::int64_t{0});
  lines.add(fmt::format(
      "{} of {} rho are left out: {} of their {} pending, failed, {}or without a value", left_out,
      measured.size(), trials,
      core::counted_are(static_cast<std::int64_t>(left_out) * selection.trials() / measured.size(), "trial"),
      schedule.missing.stopped > 0 ? "stopped " : ""));
}

/// Warns if a few seeds dominate the mean over seeds; the median is robust to that.
void add_fragile_means(const MeasuredCurve& measured, const Selection& selection, const Options& options,
                       Lines& lines) {
  const Summary& summary = measured.summary();
  const std::int64_t seeds = std::ssize(selection.seeds);
  std::int64_t unbounded = 0;
  std::int64_t first = -1;
  std::int64_t outliers = 0;
  std::int64_t worst = -1;
  for (std::int64_t i = 0; i < measured.size(); ++i) {
    if (std::isinf(summary.error[i]) && 2 * summary.diverged[i] <= seeds) {
      ++unbounded;
      if (first < 0) first = i;
    }
    if (std::isfinite(summary.error[i]) && summary.largest_share[i] > 0.5) {
      ++outliers;
      if (worst < 0 || summary.largest_share[i] > summary.largest_share[worst]) worst = i;
    }
  }
  if (unbounded > 0 && options.statistic.kind != Statistic::Kind::quantile)
    lines.add(fmt::format(
        "the {} is infinite at {} of {} rho where most seeds have not diverged ({} of {} at rho = {:.4g} "
        "have), and stepsizes beyond are not judged: --statistic median judges them",
        noun_of(options.statistic), unbounded, measured.size(), summary.diverged[first], seeds,
        measured.rhos()[first]));
  constexpr std::int64_t fewest_seeds = 5;
  const bool is_mean = options.statistic.kind == Statistic::Kind::mean;
  if (outliers > 0 && is_mean && seeds >= fewest_seeds)
    lines.add(fmt::format(
        "one of {} seeds makes up more than half of the mean at {} of {} rho ({} at rho = {:.4g}): "
        "--statistic median does not depend on one seed",
        seeds, outliers, measured.size(), core::percent_text(summary.largest_share[worst]),
        measured.rhos()[worst]));
}

/// Warns if several ρ share the best value, as happens for accuracies over few samples.
void add_ties(const ScheduleAnalysis& schedule, Lines& lines) {
  std::int64_t count = 0;
  double first = schedule.naive_best_rho;
  double last = first;
  for (const CurvePoint& point : schedule.curve) {
    if (point.value != schedule.naive_best) continue;
    ++count;
    first = std::min(first, point.rho);
    last = std::max(last, point.rho);
  }
  if (count > 1)
    lines.add(fmt::format("{} rho from {:.4g} to {:.4g} share the best value", count, first, last));
}

/// Warns if the curve is flat or its best ρ is at an end. @param least, largest ends of the measured range
void add_edges(const ScheduleAnalysis& schedule, double least, double largest, Lines& lines) {
  if (schedule.curve.size() < 2) return;
  if (std::all_of(schedule.curve.begin(), schedule.curve.end(),
                  [&](const CurvePoint& point) { return point.value == schedule.naive_best; })) {
    lines.add("the curve is flat: no rho is better than the others");
    return;
  }
  if (schedule.naive_best_rho == least)
    lines.add(fmt::format("the best rho, {:.4g}, is the least of the grid: the best stepsize may lie below",
                          schedule.naive_best_rho));
  if (schedule.naive_best_rho == largest)
    lines.add(fmt::format("the best rho, {:.4g}, is the largest of the grid: the best stepsize may lie above",
                          schedule.naive_best_rho));
}

/// Warns if the best value has no interval because few seeds decide its resamples (seed_interval()).
void add_lack_of_interval(const ScheduleAnalysis& schedule, const MeasuredCurve& measured,
                          const Selection& selection, Lines& lines) {
  const bool has_resamples = measured.resamples() >= fewest_resamples &&
                             std::ssize(selection.seeds) >= fewest_seeds && std::isfinite(schedule.best);
  if (has_resamples && std::isnan(schedule.best_ci.low))
    lines.add(fmt::format("the best has no interval: one of {} seeds or a few decide it",
                          std::ssize(selection.seeds)));
}

/// Warns if, at some ρ, the worst member of a family is the first or the last of its axis, because a worse
/// one may lie beyond that end. Looks only at ρ whose cost is within the largest tolerance, since the advice
/// depends on these.
/// @param members number of points on the axis
void add_family_ends(const ScheduleAnalysis& schedule, const Options& options, const model::Axis& axis,
                     std::int64_t members, Lines& lines) {
  if (members < 2) return;
  if (std::holds_alternative<std::vector<std::string>>(axis.values)) return;  // strings have no order
  const double level = 1.0 + largest_tolerance(options);
  std::int64_t inside = 0;
  std::int64_t first = 0;
  std::int64_t last = 0;
  for (const CurvePoint& point : schedule.curve) {
    if (!(point.error_ratio <= level) || !point.worst_at) continue;
    ++inside;
    first += *point.worst_at == 0 ? 1 : 0;
    last += *point.worst_at == members - 1 ? 1 : 0;
  }
  const auto add = [&](std::int64_t count, const char* which) {
    if (count > 0)
      lines.add(
          fmt::format("the worst {} is the {} of its axis at {} of the {} rho whose error is at most "
                      "{:g} times the tuned one: a longer axis may have a worse one",
                      axis.name(), which, count, inside, level));
  };
  add(first, "first");
  add(last, "last");
}

/// Returns the distance from the best value to the farther end of its interval, divided by the error at the
/// best value.
double relative_reach(const ScheduleAnalysis& schedule, const Selection& selection) {
  const double error = selection.cost.of(schedule.best) - selection.floor;
  return std::max(schedule.best_ci.high - schedule.best, schedule.best - schedule.best_ci.low) / error;
}

}  // namespace

std::string noise_warning(const std::vector<ScheduleAnalysis>& schedules, const Selection& selection,
                          const Options& options, const std::string& error_name) {
  const double least = least_tolerance(options);
  std::vector<std::string> noisy;
  double farthest = 0.0;
  for (const ScheduleAnalysis& schedule : schedules) {
    const double reach = relative_reach(schedule, selection);
    if (!(reach > least)) continue;
    noisy.push_back(model::schedule_name(schedule.schedule));
    farthest = std::max(farthest, reach);
  }
  if (noisy.empty()) return {};
  const std::string width = std::isinf(farthest) ? "without a bound"
                                                 : fmt::format("up to {} of the {} to one side",
                                                               core::percent_text(farthest), error_name);
  return fmt::format(
      "{}: 95 % intervals of the best reach {}, the least tolerance is {:g} %: more than {} needed",
      fmt::join(noisy, ", "), width, 100.0 * least, core::counted_are(std::ssize(selection.seeds), "seed"));
}

std::string stepsize_warning(const std::vector<ScheduleAnalysis>& schedules, const model::Axis& axis) {
  std::vector<std::string> without;
  for (const ScheduleAnalysis& schedule : schedules)
    if (std::isnan(schedule.best_stepsize) && !std::isnan(schedule.best_rho))
      without.push_back(model::schedule_name(schedule.schedule));
  if (without.empty()) return {};
  return fmt::format("{}: there is no single best stepsize: the stepsize at a rho differs along {}",
                     fmt::join(without, ", "), axis.name());
}

std::vector<std::string> warnings_about(const ScheduleAnalysis& schedule, const MeasuredCurve& measured,
                                        const Selection& selection, const Options& options,
                                        std::int64_t left_out, const model::Axis* worst_over) {
  Lines lines(schedule);
  add_missing(schedule, measured, selection, lines);
  const auto seeds = std::ssize(selection.seeds);
  const auto& diverged = measured.summary().diverged;
  const auto mostly =
      std::count_if(diverged.begin(), diverged.end(), [&](std::int64_t count) { return 2 * count > seeds; });
  add_fragile_means(measured, selection, options, lines);
  if (mostly > 0) lines.add(fmt::format("most seeds have diverged at {} of {} rho", mostly, measured.size()));
  if (schedule.curve.empty()) return lines.take();
  if (std::isnan(schedule.best_rho)) {
    lines.add(
        fmt::format("no rho has a finite {}, so that there is no best one", noun_of(options.statistic)));
    return lines.take();
  }
  // A search may have looked at ρ that the curve lacks, and a ρ with a stopped trial is worse than the best
  // by the metric that stopped it.
  const bool are_known_worse =
      schedule.missing.stopped > 0 && metric_of_stops(selection.file) == choosing_metric(options);
  if (selection.file.description().search || are_known_worse)
    add_edges(schedule, measured.rhos().front(), measured.rhos().back(), lines);
  else
    add_edges(schedule, schedule.curve.front().rho, schedule.curve.back().rho, lines);
  add_lack_of_interval(schedule, measured, selection, lines);
  add_ties(schedule, lines);
  if (worst_over != nullptr)
    add_family_ends(schedule, options, *worst_over, std::ssize(selection.points), lines);
  if (left_out > 0)
    lines.add(
        fmt::format("the exponent leaves out {} rho of its window where seeds have diverged", left_out));
  return lines.take();
}

std::string failure_warning(const Coverage& coverage) {
  constexpr std::size_t most_named = 5;
  const auto& seeds = coverage.seeds_failed;
  if (seeds.empty()) return {};
  const bool is_one = seeds.size() == 1;
  const std::string which = seeds.size() <= most_named
                                ? fmt::format("seed{} {}", is_one ? "" : "s", fmt::join(seeds, ", "))
                                : core::counted(std::ssize(seeds), "seed");
  return fmt::format(
      "trials of {} have failed, so their rho are left out for all seeds: run --resume runs them again, or a "
      "sweep without {} takes the cells of the others from this file (run --reuse)",
      which, is_one ? "this seed" : "these seeds");
}

std::string bound_warning(const Selection& selection, const Errors& errors) {
  if (!selection.cost.at_most) return "";
  double least = infinite;
  for (const auto& point : errors)
    for (const double error : point) least = error < least ? error : least;
  if (!(least < 0.0)) return "";
  return fmt::format(
      "{} reaches {:g}, above its bound {:g}, so costs are negative there; state the bound: at_most = ...",
      selection.cost.metric, selection.to_metric(least), *selection.cost.at_most);
}

}  // namespace rhosweep::analysis
