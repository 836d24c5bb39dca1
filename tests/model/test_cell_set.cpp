#include "rhosweep/model/cell_set.hpp"

#include <catch2/catch.hpp>

using namespace rhosweep::model;
using rhosweep::core::BlockIndex;
using rhosweep::core::PointIndex;

namespace {

/// Returns a grid of 2 axes points, 3 seeds and 2 schedules × 35 ρ. The trials of a seed end in the middle of
/// a 64-bit word.
Grid odd_grid() {
  Grid grid;
  grid.axes = {Axis{"problem.curvature", std::vector<double>{0.1, 0.5}}};
  grid.seeds = {0, 1, 2};
  grid.schedules = {Schedule::parse("constant"), Schedule::parse("linear")};
  grid.rhos.resize(35, 1.0);
  return grid;
}

Block trials_of(std::int64_t point, std::int64_t seed) {
  return {.point = PointIndex{point}, .seed = seed, .first = 0, .trials = 70};
}

}  // namespace

TEST_CASE("a cell set holds what was added, whichever block names it") {
  CellSet set(odd_grid());
  CHECK(set.size() == 0);
  const Block part{.point = PointIndex{1}, .seed = 2, .first = 60, .trials = 10};
  set.add(part, 9);
  set.add(part, 9);
  CHECK(set.size() == 1);
  CHECK(set.contains(trials_of(1, 2), 69));
  CHECK(!set.contains(trials_of(1, 2), 68));
  CHECK(!set.contains(trials_of(0, 2), 69));
}

TEST_CASE("a block meets a cell set that has one of its trials") {
  const Grid grid = odd_grid();
  for (std::int64_t i = 0; i < 70; ++i) {
    CellSet set(grid);
    set.add(trials_of(1, 1), i);
    for (std::int64_t point = 0; point < 2; ++point)
      for (std::int64_t seed = 0; seed < 3; ++seed)
        CHECK(set.meets(trials_of(point, seed)) == (point == 1 && seed == 1));
    const Block half{.point = PointIndex{1}, .seed = 1, .first = 35, .trials = 35};
    CHECK(set.meets(half) == (i >= 35));
  }
}

TEST_CASE("the parts of a block are the runs of its trials that are in the set") {
  CellSet set(odd_grid());
  const Block block{.point = PointIndex{0}, .seed = 1, .first = 10, .trials = 20};
  CHECK(set.parts(block).empty());
  for (const std::int64_t i : {0, 1, 5, 18, 19}) set.add(block, i);
  set.add(trials_of(0, 1), 9);   // just before the block
  set.add(trials_of(0, 1), 30);  // just after it
  const auto part = [](std::int64_t first, std::int64_t trials) {
    return Block{.point = PointIndex{0}, .seed = 1, .first = first, .trials = trials};
  };
  CHECK(set.parts(block) == std::vector<Block>{part(10, 2), part(15, 1), part(28, 2)});
}

TEST_CASE("the words of a cell set are all of it") {
  CellSet set(odd_grid());
  set.add(trials_of(1, 0), 33);
  CellSet copy(odd_grid());
  copy.words() = set.words();
  CHECK(copy.contains(trials_of(1, 0), 33));
  CHECK(copy.size() == 1);
}

TEST_CASE("what is subtracted from a cell set is no longer in it") {
  const Grid grid = odd_grid();
  CellSet rest = CellSet::all(grid);
  CellSet some(grid);
  some.add(trials_of(1, 2), 69);
  some.add(trials_of(0, 0), 3);
  rest.subtract(some);
  CHECK(rest.size() == grid.cells() - 2);
  CHECK_FALSE(rest.contains(trials_of(1, 2), 69));
  CHECK_FALSE(rest.contains(trials_of(0, 0), 3));
  CHECK(rest.contains(trials_of(0, 0), 4));
}
