#include "rhosweep/model/shard.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

#include <catch2/catch.hpp>

using namespace rhosweep::model;
using rhosweep::core::PointIndex;

namespace {

/// Returns a grid of 3 axes points and 2 schedules × 25 ρ.
Grid grid_of(std::int64_t seeds) {
  Grid grid;
  grid.axes = {Axis{"sgd.steps", std::vector<std::int64_t>{10, 1000, 100}}};
  grid.seeds.resize(seeds);
  std::iota(grid.seeds.begin(), grid.seeds.end(), std::int64_t{0});
  grid.schedules = {Schedule::parse("constant"), Schedule::parse("linear")};
  grid.rhos.resize(25, 1.0);
  return grid;
}

const std::vector<double> costs_of_steps{10.0, 1000.0, 100.0};

Block all_trials_of(std::int64_t point, std::int64_t seed) {
  return {.point = PointIndex{point}, .seed = seed, .first = 0, .trials = 50};
}

double cost_of(const Grid& grid, const CellSet& cells) {
  double sum = 0.0;
  for (std::int64_t point = 0; point < 3; ++point)
    for (std::int64_t seed = 0; seed < std::ssize(grid.seeds); ++seed)
      sum += costs_of_steps[point] * static_cast<double>(cells.count(all_trials_of(point, seed)));
  return sum;
}

}  // namespace

TEST_CASE("a shard is written I/N with I from 1 to N") {
  CHECK(Shard::parse("2/5") == Shard{.index = 2, .count = 5});
  CHECK(Shard::parse("1/1") == Shard{});
  CHECK(Shard{.index = 12, .count = 345}.text() == "12/345");
  for (const char* text : {"", "2", "/5", "2/", "0/5", "6/5", "-1/5", "2/5/1", "2 /5", "2/5x", "1/1000001",
                           "99999999999999999999/99999999999999999999"})
    CHECK(!Shard::parse(text));
}

TEST_CASE("every cell is in exactly one shard, and each has its share of the cost up to a tile") {
  const std::int64_t seeds = GENERATE(1, 2, 7);
  const std::int64_t count = GENERATE(1, 2, 3, 5, 16, 400);
  const std::int64_t tile = 8;
  const Grid grid = grid_of(seeds);
  const double share = 50.0 * static_cast<double>(seeds) * 1110.0 / static_cast<double>(count);
  CellSet left = CellSet::all(grid);
  std::int64_t cells = 0;
  for (std::int64_t index = 1; index <= count; ++index) {
    const CellSet shard = cells_of_shard(grid, {.index = index, .count = count}, tile, costs_of_steps);
    cells += shard.size();
    for (std::int64_t point = 0; point < 3; ++point)
      for (std::int64_t seed = 0; seed < seeds; ++seed)
        for (const Block& part : shard.parts(all_trials_of(point, seed))) left.remove(part);
    // Each of the two ends of a shard is rounded by at most half a tile of trials of the most expensive axes
    // point, where a trial costs 1000.
    CHECK(std::abs(cost_of(grid, shard) - share) <= 1000.0 * static_cast<double>(tile) + 1e-6);
  }
  CHECK(left.size() == 0);
  CHECK(cells == grid.cells());
}

TEST_CASE("with as many seeds as shards or more, every shard has cells of every axes point") {
  const Grid grid = grid_of(8);
  for (std::int64_t index = 1; index <= 8; ++index) {
    const CellSet shard = cells_of_shard(grid, {.index = index, .count = 8}, 32, costs_of_steps);
    for (std::int64_t point = 0; point < 3; ++point)
      CHECK(shard.count(all_trials_of(point, index - 1)) == 50);
  }
}

TEST_CASE("all cells of a grid are as many as it has, and can be taken out and intersected") {
  const Grid grid = grid_of(2);
  CellSet cells = CellSet::all(grid);
  CHECK(cells.size() == 300);
  const Block part{.point = PointIndex{1}, .seed = 1, .first = 10, .trials = 30};
  cells.remove(part);
  CHECK(cells.size() == 270);
  CHECK(cells.count(all_trials_of(1, 1)) == 20);
  CHECK(!cells.contains(part, 29));
  CellSet some(grid);
  some.add(part, 0);
  some.add(all_trials_of(0, 1), 49);
  cells.intersect(some);
  CHECK(cells.size() == 1);
  CHECK(cells.contains(all_trials_of(0, 1), 49));
}
