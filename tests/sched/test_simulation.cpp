#include "support/blocks.hpp"

#include "rhosweep/core/random.hpp"
#include "rhosweep/sched/simulation.hpp"
#include "rhosweep/sched/transport.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include <catch2/catch.hpp>

using namespace rhosweep;
using namespace rhosweep::sched;
using core::BlockIndex;
using core::Rank;

namespace {

constexpr DispatchCosts free_of_charge{
    .receive = 0.0, .send = 0.0, .latency = 0.0, .between_yields = 1.0 / 64, .per_block = 0.0};

/// Returns equal durations: every block takes this time on every rank.
BlockSeconds each(double seconds) {
  return [seconds](BlockIndex, Rank) { return seconds; };
}

}  // namespace

TEST_CASE("a single rank takes the time of its blocks, one after the other") {
  const auto mode = GENERATE(MasterMode::working, MasterMode::dedicated);
  DispatchCosts costs;
  costs.per_block = 0.25;
  const Simulation result = simulate(equal_blocks(7), 1, mode, each(0.5), costs);
  CHECK(result.makespan == 7 * 0.75);
  CHECK(result.busy_seconds == 3.5);
  CHECK(result.own_blocks == 7);
  CHECK(result.utilisation(1) == Approx(2.0 / 3.0));
}

TEST_CASE("equal blocks that cost nothing to hand out take as many rounds as the busiest rank has blocks") {
  const auto ranks = GENERATE(2, 3, 8, 100);
  const auto blocks = GENERATE(1, 7, 8, 64, 701);
  const auto mode = GENERATE(MasterMode::working, MasterMode::dedicated);
  CAPTURE(ranks, blocks);
  const std::int64_t busy = ranks - (mode == MasterMode::dedicated ? 1 : 0);
  const Simulation result = simulate(equal_blocks(blocks), ranks, mode, each(0.5), free_of_charge);
  CHECK(result.makespan == 0.5 * static_cast<double>((blocks + busy - 1) / busy));
  CHECK(result.busy_seconds == 0.5 * blocks);
  CHECK((result.own_blocks > 0) == (mode == MasterMode::working));
}

TEST_CASE("a dedicated master of empty blocks is busy all the time, for every message once") {
  const auto workers = GENERATE(1, 5, 300);
  DispatchCosts costs = free_of_charge;
  costs.receive = 1.0 / 1024;
  costs.send = 1.0 / 2048;
  const std::int64_t blocks = 5000;
  const Simulation result =
      simulate(equal_blocks(blocks), workers + 1, MasterMode::dedicated, each(0.0), costs);
  // One Run and one Done per block, one Finish and one Bye per worker.
  const auto messages = static_cast<double>(blocks + workers);
  CHECK(result.messages == blocks + workers);
  CHECK(result.master_seconds == messages * (costs.receive + costs.send));
  CHECK(result.makespan == result.master_seconds);
}

TEST_CASE("a block ahead hides the latency from a worker, all but at the begin and the end") {
  DispatchCosts costs = free_of_charge;
  costs.latency = 1.0 / 8;
  const Simulation result = simulate(equal_blocks(40), 2, MasterMode::dedicated, each(1.0), costs);
  // Six latencies are not hidden. The first Run takes one. The last block takes two: near the end no
  // block is sent ahead, so the worker waits for it. The last Done, the Finish and the Bye take one each.
  CHECK(result.makespan == 40 + 6 * costs.latency);
  CHECK(result.longest_wait == 2 * costs.latency);
}

TEST_CASE("a slow rank gets few blocks, so that it keeps the others from nothing") {
  const BlockSeconds one_is_slow = [](BlockIndex, Rank rank) { return rank == Rank{2} ? 4.0 : 1.0; };
  const Simulation result = simulate(equal_blocks(50), 3, MasterMode::dedicated, one_is_slow, free_of_charge);
  // The ideal is 40 s: 40 blocks on rank 1 and 10 on rank 2. Rank 2 may still hold one block ahead when no
  // others are left, and it takes 4 s for this block.
  CHECK(result.makespan >= 40.0);
  CHECK(result.makespan <= 44.0);
  CHECK(result.utilisation(2) > 0.9);
}

TEST_CASE("workers beside a master that computes wait at most until it yields next") {
  DispatchCosts costs = free_of_charge;
  costs.between_yields = 0.125;
  const auto longest = [&](double seconds_of_others) {
    const BlockSeconds seconds = [&](BlockIndex, Rank rank) {
      return rank == master_rank ? 10.0 : seconds_of_others;
    };
    return simulate(equal_blocks(200), 3, MasterMode::working, seconds, costs).longest_wait;
  };
  CHECK(longest(0.25) == 0.0);  // the block ahead lasts until the next yield
  CHECK(longest(0.03) > 0.0);   // the block ahead ends before the next yield
  CHECK(longest(0.03) <= costs.between_yields);
}

TEST_CASE("uneven blocks, longest first, take no longer than Graham's bound for lists and the blocks ahead") {
  const core::RandomStream random(1, core::Purpose::sample);
  const auto ranks = GENERATE(2, 9, 64);
  std::vector<double> seconds(1000);
  for (std::int64_t i = 0; i < std::ssize(seconds); ++i) seconds[i] = std::exp(4 * random.uniform(i, 0));
  std::sort(seconds.rbegin(), seconds.rend());
  const Simulation result = simulate(
      equal_blocks(std::ssize(seconds)), ranks, MasterMode::working,
      [&](BlockIndex block, Rank) { return seconds[block.value]; }, free_of_charge);
  const double even = std::accumulate(seconds.begin(), seconds.end(), 0.0) / ranks;
  CHECK(result.makespan >= even);
  CHECK(result.makespan <= even + 2 * seconds.front());
  CHECK(result.busy_seconds == Approx(ranks * even));
}

TEST_CASE("a simulation is a pure function of its arguments") {
  const BlockSeconds seconds = [](BlockIndex block, Rank rank) {
    return 1e-3 * static_cast<double>(1 + (block.value * 7 + rank.value) % 13);
  };
  const auto run = [&] { return simulate(equal_blocks(3000), 33, MasterMode::working, seconds).makespan; };
  CHECK(run() == run());
}
