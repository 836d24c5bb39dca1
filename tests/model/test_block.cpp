#include "rhosweep/core/error.hpp"
#include "rhosweep/model/block.hpp"

#include <algorithm>
#include <limits>
#include <set>
#include <tuple>

#include <catch2/catch.hpp>

using namespace rhosweep::model;
using rhosweep::core::BlockIndex;
using rhosweep::core::InternalError;

namespace {

/// Returns a grid of 3 axes points, 2 seeds and 2 schedules × 5 ρ.
Grid small_grid() {
  Grid grid;
  grid.axes = {Axis{"problem.curvature", std::vector<double>{0.1, 0.5, 1.0}}};
  grid.seeds = {0, 1};
  grid.schedules = {Schedule::parse("constant"), Schedule::parse("linear")};
  grid.rhos = {0.25, 0.5, 1.0, 2.0, 4.0};
  return grid;
}

const std::vector<double> point_costs{1.0, 3.0, 2.0};

}  // namespace

TEST_CASE("blocks of any width cover every cell exactly once") {
  const Grid grid = small_grid();
  const auto width = GENERATE(1, 3, 4, 10, 64);
  const Partition partition(grid, width, point_costs);
  std::set<std::tuple<std::int64_t, std::int64_t, std::int64_t>> cells;
  for (BlockIndex i; i.value < partition.blocks(); ++i) {
    const Block block = partition[i];
    CHECK(block.trials >= 1);
    CHECK(block.trials <= width);
    for (std::int64_t trial = block.first; trial < block.first + block.trials; ++trial)
      CHECK(cells.emplace(block.point.value, block.seed, trial).second);
  }
  CHECK(static_cast<std::int64_t>(cells.size()) == grid.cells());
  CHECK(std::get<2>(*std::max_element(cells.begin(), cells.end(), [](const auto& a, const auto& b) {
          return std::get<2>(a) < std::get<2>(b);
        })) == grid.trials_per_seed() - 1);
}

TEST_CASE("blocks of the longest axes points come first") {
  const Partition partition(small_grid(), 10, point_costs);
  std::vector<std::int64_t> points;
  for (BlockIndex i; i.value < partition.blocks(); ++i) points.push_back(partition[i].point.value);
  CHECK(points == std::vector<std::int64_t>{1, 1, 2, 2, 0, 0});
}

TEST_CASE("a narrower block is predicted to cost its share") {
  const Partition partition(small_grid(), 4, point_costs);
  CHECK(partition.predicted_cost(BlockIndex{0}) == 3.0);
  CHECK(partition.predicted_cost(BlockIndex{2}) == 1.5);  // the last block has 2 of the 10 trials
}

TEST_CASE("the block width shrinks with the rank count, in whole tiles and within its limits") {
  Grid grid = small_grid();
  grid.rhos.resize(50, 1.0);  // 100 trials per seed, 6 pairs of a seed and an axes point
  CHECK(block_width(grid, 1, 8, 1024) >= 8);
  std::int64_t previous = 1024;
  for (const std::int64_t ranks : {1, 2, 8, 64, 4096}) {
    const std::int64_t width = block_width(grid, ranks, 8, 1024);
    CHECK(width % 8 == 0);
    CHECK(width >= 8);
    CHECK(width <= previous);
    previous = width;
  }
  CHECK(previous == 8);
  CHECK(block_width(grid, 1, 8, 16) == 16);
}

TEST_CASE("more ranks than there are trials get the narrowest blocks, however many they are") {
  for (const std::int64_t ranks : {std::int64_t{1} << 61, std::numeric_limits<std::int64_t>::max()})
    CHECK(block_width(small_grid(), ranks, 8, 1024) == 8);
}

TEST_CASE("a partition into blocks without trials, or without a cost for every axes point, is a bug") {
  CHECK_THROWS_AS(Partition(small_grid(), 0, point_costs), InternalError);
  CHECK_THROWS_AS(Partition(small_grid(), 4, std::vector<double>{1.0}), InternalError);
}

TEST_CASE("a checksum sees every part of a cell's payload and no other cell") {
  BlockResult result(3, 2, 4);
  const auto before = checksums(result);
  const auto changed = [&](auto&& change) {
    BlockResult copy = result;
    change(copy);
    const auto after = checksums(copy);
    return std::vector<bool>{after[0] != before[0], after[1] != before[1], after[2] != before[2]};
  };
  const std::vector<bool> only_second{false, true, false};
  CHECK(changed([](BlockResult& r) { r.status[1] = CellStatus::done; }) == only_second);
  CHECK(changed([](BlockResult& r) { r.diverged_step[1] = 7; }) == only_second);
  CHECK(changed([](BlockResult& r) { r.final[1] = 0.5; }) == only_second);
  CHECK(changed([](BlockResult& r) { r.final[3 + 1] = 0.5; }) == only_second);
  CHECK(changed([](BlockResult& r) { r.curve[(3 + 1) * 4 + 3] = 0.5; }) == only_second);
}

TEST_CASE("a part of a result holds its trials' states, steps, metrics and share of the time") {
  BlockResult whole(5, 2, 3);
  for (std::size_t i = 0; i < whole.final.size(); ++i) whole.final[i] = static_cast<double>(i);
  for (std::size_t i = 0; i < whole.curve.size(); ++i) whole.curve[i] = 100.0 + static_cast<double>(i);
  whole.status[3] = CellStatus::failed;
  whole.diverged_step[2] = 7;
  whole.seconds = 10.0;
  whole.failure = "why";
  const BlockResult part = whole.part(2, 2);
  CHECK(part.status == std::vector<CellStatus>{CellStatus::pending, CellStatus::failed});
  CHECK(part.diverged_step == std::vector<std::int64_t>{7, -1});
  CHECK(part.final == std::vector<double>{2, 3, 7, 8});
  CHECK(part.curve == std::vector<double>{106, 107, 108, 109, 110, 111, 121, 122, 123, 124, 125, 126});
  CHECK(part.seconds == 4.0);
  CHECK(part.failure == "why");
  CHECK(same_bits(whole.part(0, 5), whole));
  const BlockResult again = joined({whole.part(0, 2), whole.part(2, 2), whole.part(4, 1)});
  CHECK(same_bits(again, whole));
  CHECK(again.seconds == Approx(whole.seconds));
  CHECK(again.failure == "why");
}

TEST_CASE("results are the same bits if every state and number is, NaN and the sign of zero included") {
  const BlockResult a(2, 1, 1);  // all values are NaN
  BlockResult b = a;
  b.seconds = 3.0;
  CHECK(same_bits(a, b));
  b.final[1] = 0.0;
  BlockResult c = b;
  CHECK(same_bits(b, c));
  c.final[1] = -0.0;
  CHECK_FALSE(same_bits(b, c));
  c = b;
  c.diverged_step[0] = 4;
  CHECK_FALSE(same_bits(b, c));
  c = b;
  c.status[0] = CellStatus::done;
  CHECK_FALSE(same_bits(b, c));
  c = b;
  c.curve[0] = 1.0;
  CHECK_FALSE(same_bits(b, c));
}
