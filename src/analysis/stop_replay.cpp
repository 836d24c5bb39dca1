#include "rhosweep/analysis/stop_replay.hpp"

#include "costs.hpp"
#include "regrets.hpp"

#include "rhosweep/core/increasing_order.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>
#include <utility>

namespace rhosweep::analysis {

using core::PointIndex;
using model::CellStatus;

namespace {

/// The trials of one axes point.
struct Trials {
  std::span<const std::int64_t> steps;  ///< of the evaluations
  model::BlockResult cells;             ///< (seeds, schedules, ρ)
  std::int64_t schedules = 0;
  std::int64_t rhos = 0;

  std::int64_t index(std::int64_t seed, std::int64_t schedule, std::int64_t rho) const {
    return (seed * schedules + schedule) * rhos + rho;
  }
  std::span<const double> curve(std::int64_t metric, std::int64_t cell) const {
    return std::span(cells.curve)
        .subspan(static_cast<std::size_t>((metric * cells.trials() + cell) * std::ssize(steps)),
                 steps.size());
  }
  /// Number of steps that a trial takes if nothing stops it.
  std::int64_t whole(std::int64_t cell) const {
    return cells.status[cell] == CellStatus::diverged ? cells.diverged_step[cell] : steps.back();
  }
};

/// Returns the step at which a trial is stopped; its last one if it is not.
std::int64_t last_step(const Trials& trials, std::int64_t cell, const model::StopLimits& limits) {
  const std::int64_t whole = trials.whole(cell);
  if (trials.cells.status[cell] == CellStatus::failed) return whole;
  const std::span<const double> curve = trials.curve(limits.metric, cell);
  const auto before_end = std::ranges::lower_bound(trials.steps, whole) - trials.steps.begin();
  const std::int64_t stop = limits.first_stop(curve.first(static_cast<std::size_t>(before_end)));
  return stop < before_end ? trials.steps[stop] : whole;
}

/// Steps of all trials, and those that were saved.
struct Steps {
  double saved = 0.0;
  double all = 0.0;

  double share() const { return all > 0.0 ? saved / all : 0.0; }
};

/// Replays one schedule. @param errors (ρ, seeds), by increasing ρ and seed
ScheduleStops replay(const Trials& trials, const model::StopRule& rule, std::int64_t schedule,
                     const model::Grid& grid, const SeedErrors& errors, Steps& steps) {
  const std::vector<double> regrets = regrets_of(errors);
  const std::vector<std::int64_t> by_rho = core::increasing_order(grid.rhos);
  const std::int64_t seeds = std::ssize(grid.seeds);
  std::vector<std::int64_t> stopped(grid.rhos.size(), 0);
  Steps own;
  for (std::int64_t seed = 0; seed < seeds; ++seed) {
    std::vector<double> first;
    for (std::int64_t r = 0; r < trials.rhos; ++r) {
      const std::int64_t cell = trials.index(seed, schedule, r);
      if (!rule.is_first(r) || trials.cells.status[cell] != CellStatus::done) continue;
      const auto curve = trials.curve(rule.metric(), cell);
      first.insert(first.end(), curve.begin(), curve.end());
    }
    const std::vector<double> limits = rule.limits(trials.steps, first);
    for (std::int64_t r = 0; r < trials.rhos; ++r) {
      const std::int64_t cell = trials.index(seed, schedule, r);
      const auto whole = static_cast<double>(trials.whole(cell));
      own.all += whole;
      if (rule.is_first(r)) continue;
      const auto last = static_cast<double>(
          last_step(trials, cell, {.costs = limits, .metric = rule.metric(), .at_most = rule.at_most()}));
      own.saved += whole - last;
      if (last < whole) ++stopped[r];
    }
  }
  ScheduleStops found{.schedule = grid.schedules[schedule].spec(),
                      .stopped = std::accumulate(stopped.begin(), stopped.end(), std::int64_t{0}),
                      .of_trials = seeds * trials.rhos,
                      .saved_share = own.share()};
  std::int64_t best = -1;
  for (std::int64_t i = 0; i < std::ssize(regrets); ++i)
    if (stopped[by_rho[i]] == 0 && std::isfinite(regrets[i]) && (best < 0 || regrets[i] < regrets[best]))
      best = i;
  if (best >= 0) {
    found.rho = grid.rhos[by_rho[best]];
    found.regret = regrets[best];
  }
  const std::int64_t best_of_all = std::ranges::min_element(regrets) - regrets.begin();
  if (std::isfinite(regrets[best_of_all])) found.best_rho = grid.rhos[by_rho[best_of_all]];
  found.stopped_at_best = stopped[by_rho[best_of_all]];
  steps.saved += own.saved;
  steps.all += own.all;
  return found;
}

/// Returns `from`, or the largest share of the steps after which every axes point has an evaluation before
/// its last.
double possible_from(const store::ResultsReader& file, double from) {
  for (PointIndex point; point.value < file.description().grid.axes_points(); ++point) {
    const auto steps = file.steps(point);
    from = std::min(from, static_cast<double>(steps[steps.size() - 2]) / static_cast<double>(steps.back()));
  }
  return from;
}

}  // namespace

std::vector<StopReplay> replay_stops(const store::ResultsReader& file, model::StopWhen settings) {
  require_full(file);
  const model::Grid& grid = file.description().grid;
  if (file.description().evaluations < 2) return {};
  if (settings.metric.empty()) settings.metric = default_metric(file);
  require_metric(file, "--metric", settings.metric);
  settings.from = possible_from(file, settings.from);
  std::vector<double> factors(std::begin(replayed_factors), std::end(replayed_factors));
  if (file.description().stop_when) factors.push_back(settings.factor);
  std::ranges::sort(factors);
  factors.erase(std::unique(factors.begin(), factors.end()), factors.end());
  std::vector<StopReplay> replays;
  for (const double factor : factors) {
    settings.factor = factor;
    replays.push_back({.metric = settings.metric, .settings = settings});
  }
  std::vector<Steps> steps(replays.size());
  for (PointIndex point; point.value < grid.axes_points(); ++point) {
    if (grid.is_excluded(point)) continue;
    const Trials trials{.steps = file.steps(point),
                        .cells = file.read_cells(point, 0, std::ssize(grid.seeds)).result,
                        .schedules = std::ssize(grid.schedules),
                        .rhos = std::ssize(grid.rhos)};
    for (StopReplay& replay : replays)
      replay.groups.push_back({.axes = axes_at(grid, point), .schedules = {}});
    for (std::int64_t s = 0; s < trials.schedules; ++s) {
      const SeedErrors errors = full_seed_errors(file, settings.metric, point, s);
      for (std::size_t i = 0; i < replays.size(); ++i) {
        const model::StopRule rule(replays[i].settings, grid, file.description().metrics, true);
        replays[i].groups.back().schedules.push_back(
            analysis::replay(trials, rule, s, grid, errors, steps[i]));
      }
    }
  }
  for (std::size_t i = 0; i < replays.size(); ++i) {
    replays[i].saved_share = steps[i].share();
    sum_up_regrets(replays[i]);
  }
  return replays;
}

}  // namespace rhosweep::analysis
