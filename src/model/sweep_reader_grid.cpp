// Implements the functions of SweepReader that read [grid].
#include "read_schedules.hpp"
#include "read_value.hpp"
#include "rho_every.hpp"
#include "sweep_reader.hpp"

#include "rhosweep/core/elementary.hpp"
#include "rhosweep/model/sweep_keys.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <utility>

#include <fmt/format.h>

namespace rhosweep::model {

namespace {

constexpr double most_per_decade = 1e7;

}  // namespace

void SweepReader::read_grid() {
  const Node& grid = section("grid");
  std::vector<std::string> names;
  for (const KeySpec& key : grid_keys()) names.push_back(key.name);
  read_table(grid, "grid", names);
  const auto entry = [&](const KeySpec& key) -> const Node& {
    const Node* const node = grid.table()->find(key.name);
    if (node == nullptr) fail_found(grid.where, "grid." + key.name, "nothing", key.documented_values());
    return *node;
  };
  const Node& stepsize = entry(key_named(grid_keys(), "stepsize"));
  const auto [least_steps, most_steps] = least_and_most_steps();
  ScheduleFiles files{.read = {}, .least_steps = least_steps, .most_steps = most_steps};
  if (schema_->read_multipliers)
    files.read = [this](const std::string& file) { return schema_->read_multipliers(sweep_.folder_ / file); };
  sweep_.grid_.schedules = read_schedules(entry(key_named(grid_keys(), "schedule")), files);
  sweep_.stepsize_ = read_stepsize(stepsize, sweep_.grid_.schedules, files);
  sweep_.stepsize_where_ = stepsize.where.text();
  const auto other = std::ranges::find_if(optimizers_, [](auto each) { return each != Optimizer::sgd; });
  if (std::holds_alternative<TheoryStepsize>(sweep_.stepsize_) && other != optimizers_.end())
    fail_found(stepsize.where, "grid.stepsize",
               fmt::format("\"theory\", which exists only for the optimizer sgd, with sgd.optimizer = \"{}\"",
                           name_of(*other)),
               "a number > 0 or {SCHEDULE = number, ...}");

  read_rho(entry(key_named(grid_keys(), "rho")), files);
  const KeySpec& seed_key = key_named(grid_keys(), "seed");
  auto seed = read_integers(entry(seed_key), "grid.seed", seed_key);
  sweep_.grid_.seeds = std::move(seed.list);
  sweep_.seed_toml_ = std::move(seed.toml);
}

void SweepReader::read_rho(const Node& rho, const ScheduleFiles& files) {
  Grid& grid = sweep_.grid_;
  std::vector<std::int64_t> every(grid.schedules.size(), 1);
  // [stop_when] compares the trials of one schedule at neighbouring ρ, so there every schedule visits all ρ.
  const bool stops_trials = find_section("stop_when") != nullptr;
  std::function<std::int64_t(const Node&)> by_regret;
  if (schema_->grid_ratio)
    by_regret = [&](const Node& regret) {
      const std::vector<double> needed = per_decade_of(regret);
      const double per_decade = std::max(1.0, std::ceil(*std::ranges::max_element(needed)));
      // A schedule that may have ratios up to g visits every k-th ρ, with the largest k for which k steps of
      // the axis are at most g. For the largest g, which may be infinite, the sweep's range limits k.
      for (std::size_t s = 0; s < needed.size() && !stops_trials; ++s)
        every[s] = static_cast<std::int64_t>(std::min(per_decade / needed[s], most_per_decade));
      return static_cast<std::int64_t>(per_decade);
    };
  Values<double> values = read_reals(rho, "grid.rho", key_named(grid_keys(), "rho"), by_regret);
  grid.rhos = std::move(values.list);
  sweep_.rho_toml_ = std::move(values.toml);
  if (const Node* const node = find_entry("grid.rho_every")) {
    if (rho.table() != nullptr && rho.table()->find("regret") != nullptr)
      fail_found(node->where, "grid.rho_every", "a key beside grid.rho.regret, which sets it",
                 "one of the two");
    if (stops_trials)
      fail_found(node->where, "grid.rho_every", "a key beside [stop_when], which compares all rho",
                 "one of the two");
    every = read_rho_every(*node, grid.schedules, files);
  }
  sweep_.rho_every_toml_ = exclude_between(grid, std::move(every));
}

std::vector<double> SweepReader::per_decade_of(const Node& regret) const {
  const char* const key = "grid.rho.regret";
  const auto value = std::get<double>(read_value(regret, key, {.name = "regret", .range = positive}));
  const auto [least_steps, most_steps] = least_and_most_steps();
  std::vector<double> points;
  for (const Schedule& schedule : sweep_.grid_.schedules) {
    points.push_back(0.0);
    for (const std::int64_t steps : {least_steps, most_steps}) {
      const double ratio = schema_->grid_ratio(schedule, steps, value);
      const double needed = core::elementary::log(10.0) / core::elementary::log(ratio);
      if (!(needed <= most_per_decade))  // also true if the ratio is NaN or 1
        fail_found(regret.where, key,
                   fmt::format("{}, for which there is no ratio by the theory of {}", to_toml(Value{value}),
                               schedule.name()),
                   "from, to and points, ratio or per_decade");
      points.back() = std::max(points.back(), needed);
    }
  }
  return points;
}
}  // namespace rhosweep::model
