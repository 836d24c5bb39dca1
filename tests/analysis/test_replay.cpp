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
