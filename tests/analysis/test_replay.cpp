#include "synthetic.hpp"

#include "rhosweep/analysis/replay.hpp"
#include "rhosweep/core/error.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <vector>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace rhosweep;
using namespace rhosweep::analysis;

namespace {

/// Returns ½ (ρ/best + best/ρ), where best is 4 for the first schedule and 1/4 for the second.
double two_valleys(std::int64_t, std::int64_t, std::int64_t schedule, double rho) {
  const double ratio = schedule == 0 ? rho / 4.0 : rho * 4.0;
  return 0.5 * (ratio + 1.0 / ratio);
}

/// Returns 2^(−8), 2^(−7), …, 2^8.
std::vector<double> powers_of_two() {
  std::vector<double> rhos;
  for (int i = -8; i <= 8; ++i) rhos.push_back(std::ldexp(1.0, i));
  return rhos;
}

/// Returns the least value of every subset of `count` values, sorted.
std::vector<double> least_of_subsets(const std::vector<double>& values, std::int64_t count) {
  std::vector<double> all;
  for (std::uint32_t subset = 0; subset < 1U << values.size(); ++subset) {
    if (std::popcount(subset) != count) continue;
    double least = synthetic::diverged;
    for (std::size_t i = 0; i < values.size(); ++i)
      if ((subset >> i & 1U) != 0) least = std::min(least, values[i]);
    all.push_back(least);
  }
  std::sort(all.begin(), all.end());
  return all;
}

}  // namespace

TEST_CASE("a replay says what a search would have run and lost", "[np1]") {
  synthetic::Sweep sweep;
  sweep.seeds = {5};
  sweep.rhos = powers_of_two();
  const auto file = synthetic::make_file(sweep, two_valleys);
  const Replay replay = replay_search(file, {});
  CHECK(replay.metric == "excess_loss");
  CHECK(replay.of_cells == 2 * 17);
  const auto& found = replay.groups.at(0).schedules;
  // Neighbouring ρ are a factor of 2 apart, so the error at the neighbours of the best ρ is 25 % larger.
  CHECK(found[0].rho == 4.0);
  CHECK(found[1].rho == 0.25);
  CHECK(found[0].best_rho == 4.0);
  CHECK(found[0].regret == 0.0);
  CHECK(found[0].stepsize == Approx(4.0 / 10.0));
  CHECK(found[1].stepsize == Approx(0.25 * 2 / 10.0));
  CHECK(found[0].cells < 17);
  CHECK(replay.cells == found[0].cells + found[1].cells);
  CHECK(replay.worst_regret == 0.0);

  std::vector<double> regrets;
  for (const double rho : powers_of_two()) regrets.push_back(two_valleys(0, 0, 0, rho) - 1.0);
  const std::vector<double> random = least_of_subsets(regrets, found[0].cells);
  CHECK(found[0].random_regret == random[(random.size() - 1) / 2]);
  // With one seed, successive halving takes the best of as many ρ as random search. Its median regret is
  // taken from a few hundred draws, so it is only near the median over all subsets.
  CHECK(found[0].halving_regret >= random[4 * random.size() / 10]);
  CHECK(found[0].halving_regret <= random[6 * random.size() / 10]);
}

TEST_CASE("a replay has the settings of the file's search and the metric asked for", "[np1]") {
  const model::Metric other{"other", "another one", "1", synthetic::diverged};
  const auto reversed = [](std::int64_t, std::int64_t, std::int64_t, double rho) { return 1.0 / rho; };
  synthetic::Sweep sweep;
  sweep.rhos = powers_of_two();
  sweep.further = {{other, reversed}};
  const auto file = synthetic::make_file(sweep, two_valleys);
  CHECK(replay_search(file, {.metric = "other"}).groups[0].schedules[0].rho == 256.0);
  CHECK(replay_search(file, {.first_ratio = 2.0}).groups[0].schedules[0].rounds == 1);
  CHECK_THROWS_AS(replay_search(file, {.metric = "nothing"}), core::InputError);
  const auto json = nlohmann::json::parse(to_json(replay_search(file, {.first_seeds = 1})));
  CHECK(json["first_seeds"] == 1);
  CHECK(json["groups"][0]["schedules"][0]["rho"] == 4.0);
  CHECK(json["groups"][0]["schedules"][0]["schedule"] == "constant");
}

TEST_CASE("only a full sweep can be replayed; where all diverges there is nothing to find", "[np1]") {
  const auto some = synthetic::make_file({}, [](std::int64_t, std::int64_t seed, std::int64_t, double) {
    return seed == 1 ? synthetic::pending : 1.0;
  });
  CHECK_THROWS_WITH(replay_search(some, {}), Catch::Contains("8 of 16 cells that have not been run"));
  const auto wild =
      synthetic::make_file({}, [](std::int64_t, std::int64_t, std::int64_t schedule, double rho) {
        return schedule == 0 ? synthetic::diverged : rho;
      });
  const Replay replay = replay_search(wild, {});
  CHECK(std::isnan(replay.groups[0].schedules[0].rho));
  CHECK(std::isnan(replay.groups[0].schedules[0].regret));
  CHECK(replay.mean_regret == 0.0);
  CHECK(to_table(replay).find("NaN") == std::string::npos);
}

TEST_CASE("a replay of stops says what they would have saved and lost", "[np1]") {
  // ρ = 1 is the middle and the only first trial. Its curve is 1, so the limit is the factor.
  synthetic::Sweep sweep;
  sweep.rhos = {0.25, 0.5, 1.0, 2.0, 4.0};
  sweep.seeds = {0, 1};
  sweep.earlier_steps = {100, 500};
  const auto value = [](std::int64_t, std::int64_t, std::int64_t schedule, double rho) {
    return schedule == 0 || rho != 4.0 ? 1.0 / rho : synthetic::diverged;
  };
  // Seed 1 of ρ = 4, which is the best of the first schedule, is behind at step 500 and far behind at 100.
  sweep.earlier = [](std::int64_t, std::int64_t seed, std::int64_t, double rho, std::int64_t step) {
    if (rho == 4.0 && seed == 1) return step == 500 ? 3.0 : 90.0;
    return rho == 0.25 ? 7.0 : 1.0;
  };
  const auto file = synthetic::make_file(sweep, value);
  const auto replays = replay_stops(file, {});
  REQUIRE(replays.size() == 3);
  const auto& two = replays[0].groups.at(0).schedules;
  CHECK(replays[0].settings.factor == 2.0);
  // Stopped at step 500 of 1000: both seeds of ρ = 0.25 and one of ρ = 4.
  CHECK(two[0].stopped == 3);
  CHECK(two[0].of_trials == 10);
  CHECK(two[0].saved_share == Approx(3 * 500.0 / 10000.0));
  CHECK(two[0].rho == 2.0);
  CHECK(two[0].regret == Approx(0.5 / 0.25 - 1.0));
  CHECK(two[0].stopped_at_best == 1);
  // The best of the second schedule is ρ = 2, which is not stopped.
  CHECK(two[1].rho == 2.0);
  CHECK(two[1].regret == 0.0);
  CHECK(two[1].stopped_at_best == 0);
  CHECK(replays[0].saved_share == Approx(0.15));
  CHECK(replays[0].mean_regret == Approx(0.5));
  CHECK(replays[0].worst_regret == Approx(1.0));
  const auto& five = replays[1].groups.at(0).schedules;
  CHECK(five[0].stopped == 2);
  CHECK(five[0].regret == 0.0);
  CHECK(replays[2].saved_share == 0.0);
  // With an earlier begin, step 100 stops the best one at any factor.
  CHECK(replay_stops(file, {.from = 0.1})[2].groups[0].schedules[0].saved_share == Approx(0.09));
  // A begin after the last evaluation before the end counts as that evaluation.
  CHECK(replay_stops(file, {.from = 0.9})[0].settings.from == 0.5);
  CHECK(replay_stops(file, {.from = 0.9})[0].saved_share == Approx(0.15));

  Replay replay = replay_search(file, {});
  replay.stops = replays;
  const auto json = nlohmann::json::parse(to_json(replay));
  CHECK(json["stop_when"][0]["groups"][0]["schedules"][0]["stopped_at_best"] == 1);
  CHECK(json["stop_when"][1]["factor"] == 5.0);
  CHECK_THAT(to_table(replay), Catch::Contains("Factor 2: 15 % of the steps saved"));
}

TEST_CASE("stops are not replayed without learning curves, and find nothing where all diverges", "[np1]") {
  CHECK(replay_stops(synthetic::make_file({}, two_valleys), {}).empty());
  synthetic::Sweep sweep;
  sweep.earlier_steps = {500};
  sweep.earlier = [](auto...) { return 1.0; };
  const auto wild = synthetic::make_file(sweep, [](auto...) { return synthetic::diverged; });
  const auto replays = replay_stops(wild, {});
  CHECK(std::isnan(replays.at(0).worst_regret));
  CHECK(std::isnan(replays.at(0).groups[0].schedules[0].regret));
  CHECK(replays.at(0).saved_share == 0.0);
}
