#include "model/support/sweep_text.hpp"

#include "rhosweep/model/stop_when.hpp"

#include <cmath>
#include <limits>
#include <vector>

#include <catch2/catch.hpp>

using namespace rhosweep;
using namespace rhosweep::model;

namespace {

constexpr double never = std::numeric_limits<double>::infinity();
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

std::string with_stops(const std::string& lines) {
  return SweepText{.more = "[stop_when]\n" + lines};
}

Grid grid_of(std::vector<double> rhos) {
  return {.axes = {}, .seeds = {0, 1}, .schedules = {Schedule::parse("constant")}, .rhos = std::move(rhos)};
}

std::vector<double> first_rhos(const std::vector<double>& rhos, std::int64_t every) {
  const StopRule rule({.first_every = every}, grid_of(rhos), metrics::all(), true);
  std::vector<double> first;
  for (std::int64_t r = 0; r < std::ssize(rhos); ++r)
    if (rule.is_first(r)) first.push_back(rhos[r]);
  return first;
}

}  // namespace

TEST_CASE("a sweep that stops trials has its settings, with defaults") {
  CHECK_FALSE(parse_sweep(SweepText{}).stop_when().has_value());
  CHECK(parse_sweep(with_stops("")).stop_when() ==
        StopWhen{.metric = "", .factor = 10.0, .from = 0.25, .first_every = 4});
  CHECK(parse_sweep(with_stops("metric = 'test_loss'\nfactor = 3\nfrom = 0\nfirst_every = 2")).stop_when() ==
        StopWhen{.metric = "test_loss", .factor = 3.0, .from = 0.0, .first_every = 2});
}

TEST_CASE("without `from`, trials are compared at the last evaluation before the end if it comes early") {
  // The 8 evaluations are geometric in [1, T]: the last but one is at T^(6/7). For T = 100 000 that is 19
  // 307.
  const auto stops = [](const std::string& keys) {
    return parse_sweep(with_stops(keys), {"sgd.steps=100000", "sgd.evaluations=8"});
  };
  CHECK(stops("").stop_when()->from == 0.193);
  CHECK(parse_sweep(stops("").to_toml()).stop_when() == stops("").stop_when());
  CHECK_THROWS_AS(stops("from = 0.25"), core::InputError);
}

TEST_CASE("stops are part of a sweep's identity, but of no cell's, and of its canonical text") {
  const Sweep whole = parse_sweep(SweepText{});
  const Sweep stops = parse_sweep(with_stops(""));
  CHECK(stops.hash() != whole.hash());
  CHECK(stops.hash() != parse_sweep(with_stops("factor = 9")).hash());
  CHECK(stops.hash() == parse_sweep(with_stops("factor = 1e1")).hash());
  CHECK(whole.settings_toml(core::PointIndex{}, {}) == stops.settings_toml(core::PointIndex{}, {}));
  CHECK_THAT(stops.to_toml(),
             Catch::EndsWith("\n[stop_when]\nfactor = 10.0\nfrom = 0.25\nfirst_every = 4\n"));
  CHECK(parse_sweep(stops.to_toml()).to_toml() == stops.to_toml());
  CHECK(read_stop_when(stops.to_toml()) == stops.stop_when());
  CHECK_FALSE(read_stop_when(whole.to_toml()).has_value());
}

TEST_CASE("bad settings of stops are refused with their line") {
  // Line 10 is [stop_when].
  const auto refused = [](const std::string& line) { return error_of(with_stops(line)); };
  CHECK(refused("factor = 1") == "runs/sweep.toml:11: stop_when.factor: found 1; allowed: a number > 1");
  CHECK(refused("from = 1") == "runs/sweep.toml:11: stop_when.from: found 1; allowed: a number in [0, 1)");
  CHECK(refused("first_every = 1") ==
        "runs/sweep.toml:11: stop_when.first_every: found 1; allowed: an integer in [2, 1000000]");
  CHECK_THAT(refused("metric = 1"), Catch::StartsWith("runs/sweep.toml:11: stop_when.metric: found 1"));
  CHECK_THAT(refused("patience = 3"),
             Catch::StartsWith("runs/sweep.toml:11: stop_when.patience: unknown key"));
  CHECK_THAT(error_of(SweepText{.more = "[search]\n[stop_when]"}),
             Catch::StartsWith("runs/sweep.toml:11: stop_when: found a section beside [search]"));
  CHECK(error_of("stop_when = 3\n" + std::string(SweepText{})) ==
        "runs/sweep.toml:1: stop_when: found 3; allowed: a table [stop_when]");
}

TEST_CASE("stops need an evaluation between their begin and the last step") {
  // The 8 evaluations of 100 steps are at 1, 2, 4, 7, 14, 27, 52, 100.
  CHECK(error_of(with_stops("from = 0.52")).empty());
  CHECK(
      error_of(with_stops("from = 0.53")) ==
      "runs/sweep.toml:11: stop_when.from: found 0.53, with no evaluation between this share of the 100 steps "
      "and the last one; allowed: at most 0.52, or more sgd.evaluations than 8");
  CHECK_THAT(error_of(SweepText{.sgd = "steps = 100\nevaluations = 1", .more = "[stop_when]"}),
             Catch::EndsWith("; allowed: more sgd.evaluations than 1"));
}

TEST_CASE("every n-th rho is a first trial, counted from the middle one") {
  CHECK(first_rhos({1, 2, 3, 4, 5, 6, 7, 8, 9}, 4) == std::vector<double>{1, 5, 9});
  CHECK(first_rhos({1, 2, 3, 4, 5, 6, 7, 8, 9}, 2) == std::vector<double>{1, 3, 5, 7, 9});
  CHECK(first_rhos({1, 2, 3, 4, 5, 6, 7, 8}, 4) == std::vector<double>{4, 8});
  CHECK(first_rhos({1, 2, 3}, 4) == std::vector<double>{2});
  CHECK(first_rhos({1}, 4) == std::vector<double>{1});
  // The order in the sweep file does not matter.
  CHECK(first_rhos({9, 2, 3, 4, 1, 6, 7, 8, 5}, 4) == std::vector<double>{9, 1, 5});
  // All schedules have the same first trials.
  const StopRule rule({}, grid_of({1, 2, 3}), metrics::all(), true);
  CHECK((rule.is_first(1) && rule.is_first(4) && !rule.is_first(3) && !rule.is_first(5)));
}

TEST_CASE("the limit is a factor times the best first trial, from some step on, and never at the last") {
  const std::vector<std::int64_t> steps{1, 25, 50, 100};
  const StopRule rule({.factor = 3.0}, grid_of({1, 2, 3}), metrics::all(), true);
  CHECK(metrics::all()[rule.metric()].name == "excess_loss");
  const std::vector<double> two{9, 8, 7, 6, 5, 4, 10, 1};
  CHECK(rule.limits(steps, two) == std::vector<double>{never, 12, 21, never});
  CHECK(rule.limits(steps, {}) == std::vector<double>(4, never));
  // A value that is not known does not count, and a best value that is not positive allows everything.
  const std::vector<double> gaps{1, not_a_number, 0.0, 1, 1, 8, 5, 1};
  CHECK(rule.limits(steps, gaps) == std::vector<double>{never, 24, never, never});
  const StopRule late({.factor = 2.0, .from = 0.26}, grid_of(std::vector{1.0}), metrics::all(), false);
  CHECK(metrics::all()[late.metric()].name == "train_loss");
  CHECK(late.limits(steps, two) == std::vector<double>{never, never, 14, never});
}

TEST_CASE("a measure of which more is better is compared by its distance from the bound") {
  const StopRule rule({.metric = "test_accuracy", .factor = 2.0, .from = 0.0}, grid_of(std::vector{1.0}),
                      metrics::all(), true);
  const std::vector<std::int64_t> steps{1, 2, 3};
  const std::vector<double> limits = rule.limits(steps, std::vector<double>{0.5, 0.875, 1.0});
  CHECK(limits == std::vector<double>{1.0, 0.25, never});
  const StopLimits stop{.costs = limits, .metric = rule.metric(), .at_most = rule.at_most()};
  CHECK_FALSE(stop.stop_at(0, 0.0));
  CHECK_FALSE(stop.stop_at(1, 0.75));
  CHECK(stop.stop_at(1, 0.5));
  CHECK_FALSE(stop.stop_at(1, not_a_number));
  CHECK_FALSE(stop.stop_at(2, -1e300));
  CHECK_FALSE(StopLimits{}.stop_at(0, never));
  CHECK(stop.first_stop(std::vector<double>{0.25, 0.5, 0.0}) == 1);
  CHECK(stop.first_stop(std::vector<double>{-0.5, 0.5, 0.0}) == 0);
  CHECK(stop.first_stop(std::vector<double>{0.25}) == 1);
  CHECK(stop.first_stop({}) == 0);
  CHECK(StopLimits{}.first_stop(std::vector<double>{never, never}) == 2);
}

TEST_CASE("a table has the limits of each row and none for first trials") {
  Grid grid = grid_of({1, 2, 3});
  grid.schedules.push_back(Schedule::parse("linear"));
  const StopRule rule({.first_every = 2}, grid, metrics::all(), true);  // only the middle ρ is first
  StopTable table(rule, grid, 2);
  table.set(core::PointIndex{0}, 1, 1, std::vector<double>{7.0, never});
  for (std::int64_t trial = 0; trial < 6; ++trial) {
    CHECK_FALSE(table.knows(core::PointIndex{0}, 0, trial));
    CHECK(table.knows(core::PointIndex{0}, 1, trial) == (trial >= 3));
  }
  CHECK(table.of(core::PointIndex{0}, 1, 3).costs.front() == 7.0);
  CHECK(table.of(core::PointIndex{0}, 1, 4).costs.empty());
  CHECK(table.of(core::PointIndex{0}, 0, 1).costs.empty());
  CHECK_THROWS_AS(table.of(core::PointIndex{0}, 0, 0), core::InternalError);
}
