#include "rhosweep/analysis/replay.hpp"

#include "costs.hpp"
#include "regrets.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/core/increasing_order.hpp"
#include "rhosweep/core/random.hpp"
#include "rhosweep/core/text.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include <fmt/format.h>

namespace rhosweep::analysis {

namespace {

/// Returns the mean error over the first seeds.
double mean_of_first(const std::vector<double>& errors, std::int64_t seeds) {
  return mean(std::span(errors).first(static_cast<std::size_t>(seeds)));
}

/// Returns the median regret of the best among `count` ρ drawn without replacement.
double random_regret(std::vector<double> regrets, std::int64_t count) {
  std::sort(regrets.begin(), regrets.end());
  const auto n = static_cast<double>(regrets.size());
  const auto k = static_cast<double>(count);
  double probability = k / n;  // that the best ρ drawn is the i-th best of all
  double up_to = 0.0;
  for (std::size_t i = 0; i < regrets.size(); ++i) {
    up_to += probability;
    if (up_to >= 0.5) return regrets[i];
    const double worse = n - 1.0 - static_cast<double>(i);
    probability *= (worse - k + 1.0) / worse;
  }
  return regrets.back();
}

/// Returns the median, the lower one of an even number of values; NaN without values.
double median(std::vector<double> values) {
  if (values.empty()) return unknown;
  const auto middle = values.begin() + (std::ssize(values) - 1) / 2;
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

/// One run of successive halving.
class Halving {
 public:
  explicit Halving(const SeedErrors& errors) : errors_(errors) {}

  /// Returns the number of cells that successive halving runs if it starts with `count` ρ.
  std::int64_t cost(std::int64_t count) const {
    std::int64_t cells = 0;
    std::int64_t before = 0;
    for (std::int64_t seeds = 1;; seeds = std::min(2 * seeds, most_seeds())) {
      cells += count * (seeds - before);
      before = seeds;
      if (count == 1) return cells;
      count = (count + 1) / 2;
    }
  }

  /// Returns the index of the ρ that remains last of the candidates.
  std::int64_t find(std::vector<std::int64_t> candidates) const {
    for (std::int64_t seeds = 1; candidates.size() > 1; seeds = std::min(2 * seeds, most_seeds())) {
      std::stable_sort(candidates.begin(), candidates.end(), [&](std::int64_t a, std::int64_t b) {
        return mean_of_first(errors_[a], seeds) < mean_of_first(errors_[b], seeds);
      });
      candidates.resize((candidates.size() + 1) / 2);
    }
    return candidates.front();
  }

 private:
  std::int64_t most_seeds() const { return std::ssize(errors_.front()); }

  const SeedErrors& errors_;
};

/// Returns the median regret of successive halving with at most `cells` cells, over random sets of ρ to start
/// with.
double halving_regret(const SeedErrors& errors, const std::vector<double>& regrets, std::int64_t cells) {
  constexpr std::int64_t draws = 401;
  const Halving halving(errors);
  std::int64_t count = 1;
  while (count < std::ssize(errors) && halving.cost(count + 1) <= cells) ++count;
  std::vector<double> found;
  for (std::int64_t draw = 0; draw < draws; ++draw) {
    const core::RandomStream random(draw, core::Purpose::replay);
    std::vector<std::int64_t> places(errors.size());
    std::iota(places.begin(), places.end(), std::int64_t{0});
    for (std::int64_t i = 0; i < count; ++i)
      std::swap(places[i], places[i + random.below(std::ssize(places) - i, i, 0)]);
    places.resize(count);
    found.push_back(regrets[halving.find(places)]);
  }
  return median(std::move(found));
}

ScheduleReplay replay(const SearchRules& rules, std::span<const double> rhos, const SeedErrors& errors) {
  const std::vector<double> regrets = regrets_of(errors);
  const SearchCourse course = follow_search(rules, rhos, errors);
  const std::int64_t seeds = std::ssize(errors.front());
  ScheduleReplay found{.first_ratio = rules.first_ratio,
                       .cells = course.cells(),
                       .of_cells = std::ssize(rhos) * seeds,
                       .rounds = course.rounds};
  const auto best = std::min_element(regrets.begin(), regrets.end()) - regrets.begin();
  if (std::isfinite(regrets[best])) found.best_rho = rhos[best];
  if (course.best >= 0) {
    found.rho = rhos[course.best];
    found.regret = regrets[course.best];
  }
  found.random_regret = random_regret(regrets, std::max<std::int64_t>(1, found.cells / seeds));
  found.halving_regret = halving_regret(errors, regrets, found.cells);
  return found;
}

/// Sums up the cells and the regrets of the searches.
void sum_up(Replay& replay) {
  std::vector<double> random;
  std::vector<double> halving;
  for (const auto& group : replay.groups) {
    for (const ScheduleReplay& each : group.schedules) {
      replay.cells += each.cells;
      replay.of_cells += each.of_cells;
      if (std::isnan(each.best_rho)) continue;  // no ρ has a finite error
      random.push_back(each.random_regret);
      halving.push_back(each.halving_regret);
    }
  }
  sum_up_regrets(replay);
  replay.random_regret = median(std::move(random));
  replay.halving_regret = median(std::move(halving));
}

}  // namespace

void require_full(const store::ResultsReader& file) {
  const auto counts = file.count_status();
  const std::int64_t cells = file.description().grid.included_cells();
  const std::int64_t left = counts[model::CellStatus::pending] + counts[model::CellStatus::not_needed];
  const std::int64_t stopped = counts[model::CellStatus::stopped];
  if (left > 0)
    core::refuse(file.path().string() + ": --replay",
                 core::part_of(left, cells, "cell") + " that have not been run", "a full sweep");
  if (stopped > 0)
    core::refuse(file.path().string() + ": --replay",
                 core::part_of(stopped, cells, "cell") + " that were stopped early",
                 "a full sweep, without [stop_when]");
}

SeedErrors full_seed_errors(const store::ResultsReader& file, const std::string& metric,
                            core::PointIndex point, std::int64_t schedule) {
  SeedErrors errors = read_seed_errors(file, metric, point, schedule);
  for (std::vector<double>& of_rho : errors)
    std::ranges::replace_if(
        of_rho, [](double error) { return std::isnan(error); }, infinite);
  return errors;
}

double mean(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

std::vector<double> regrets_of(const SeedErrors& errors) {
  std::vector<double> means;
  for (const std::vector<double>& of_rho : errors) means.push_back(mean(of_rho));
  const double least = *std::min_element(means.begin(), means.end());
  if (std::isinf(least)) return means;
  for (double& each : means) each = each == least ? 0.0 : (each - least) / std::abs(least);
  return means;
}

SeedErrors read_seed_errors(const store::ResultsReader& file, const std::string& metric,
                            core::PointIndex point, std::int64_t schedule) {
  const model::Grid& grid = file.description().grid;
  std::vector<std::int64_t> seeds(grid.seeds.size());
  std::iota(seeds.begin(), seeds.end(), std::int64_t{0});
  const Selection selection{.file = file,
                            .cost = cost_of(file, metric),
                            .floor = floor_of(file, metric, {point}),
                            .points = {point},
                            .seeds = seeds,
                            .rhos = grid.rhos_of(schedule)};
  const Errors errors = read_errors(selection, schedule);
  const std::int64_t rhos = std::ssize(selection.rhos);
  const std::vector<std::int64_t> by_seed = core::increasing_order(grid.seeds);
  SeedErrors by_rho(rhos);
  for (std::int64_t r = 0; r < rhos; ++r)
    for (const std::int64_t seed : by_seed) by_rho[r].push_back(errors.front()[seed * rhos + r]);
  return by_rho;
}

Replay replay_search(const store::ResultsReader& file, model::SearchSettings settings) {
  require_full(file);
  const model::Grid& grid = file.description().grid;
  if (settings.metric.empty()) settings.metric = default_metric(file);
  require_metric(file, "--metric", settings.metric);
  settings.first_seeds = std::min(settings.first_seeds, std::ssize(grid.seeds));
  Replay all{.metric = settings.metric, .settings = settings};
  for (core::PointIndex point; point.value < grid.axes_points(); ++point) {
    if (grid.is_excluded(point)) continue;
    ReplayGroup<ScheduleReplay> group{.axes = axes_at(grid, point), .schedules = {}};
    for (std::int64_t s = 0; s < std::ssize(grid.schedules); ++s) {
      std::vector<double> rhos;
      for (const std::int64_t r : grid.rhos_of(s)) rhos.push_back(grid.rhos[r]);
      const SeedErrors errors = full_seed_errors(file, settings.metric, point, s);
      ScheduleReplay found =
          replay(search_rules(settings, grid.schedules[s], file.steps(point).back()), rhos, errors);
      found.schedule = grid.schedules[s].spec();
      if (!std::isnan(found.rho)) {
        const auto place = std::ranges::find(grid.rhos, found.rho) - grid.rhos.begin();
        found.stepsize = file.stepsizes(point)[s * std::ssize(grid.rhos) + place];
      }
      group.schedules.push_back(std::move(found));
    }
    all.groups.push_back(std::move(group));
  }
  sum_up(all);
  return all;
}

}  // namespace rhosweep::analysis
