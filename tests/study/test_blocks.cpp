#include "example.hpp"

#include "rhosweep/model/shard.hpp"
#include "rhosweep/study/blocks.hpp"

#include <vector>

#include <catch2/catch.hpp>

using namespace rhosweep;
using study::BlocksToRun;

namespace {

study::Study large_study() {
  return example::prepare({"grid.rho={from=0.1,to=100.0,points=40}", "grid.seed={from=0,count=10}",
                           "axes={\"sgd.steps\"=[8,80]}"});
}

/// Returns the cells of all blocks that are handed out. Fails if a cell is handed out twice.
model::CellSet handed_out(const BlocksToRun& blocks, const study::Study& study) {
  model::CellSet cells(study.grid());
  sched::BlockSource source = blocks.source();
  while (const auto block = source.next())
    for (const model::Block& part : blocks.parts(*block)) {
      CHECK(!cells.meets(part));
      for (std::int64_t i = 0; i < part.trials; ++i) cells.add(part, i);
    }
  return cells;
}

}  // namespace

TEST_CASE("whatever the number of ranks, exactly the cells to run are handed out") {
  const study::Study study = large_study();
  const auto whole = model::CellSet::all(study.grid());
  const auto shard = study::shard_cells(study, {.index = 2, .count = 3});
  for (const std::int64_t ranks : {1, 2, 7, 100}) {
    const BlocksToRun all(study, ranks, whole);
    CHECK(all.are_all());
    CHECK(all.trials() == 2 * 10 * 80);
    CHECK(example::same(handed_out(all, study), whole));
    const BlocksToRun some(study, ranks, shard);
    CHECK(!some.are_all());
    CHECK(some.trials() == shard.size());
    CHECK(example::same(handed_out(some, study), shard));
  }
}

TEST_CASE("a block of which a part is left costs its share") {
  const study::Study study = large_study();
  const auto whole = model::CellSet::all(study.grid());
  const BlocksToRun all(study, 2, whole);
  const core::BlockIndex index{0};
  const model::Block block = all.partition()[index];
  model::CellSet one(study.grid());
  one.add(block, block.trials - 1);
  const BlocksToRun some(study, 2, one);
  CHECK(some.source().remaining() == 1);
  CHECK(some.predicted_cost(index) == Approx(all.predicted_cost(index) / static_cast<double>(block.trials)));
}

TEST_CASE("the longest blocks are handed out first") {
  const study::Study study = large_study();
  const auto whole = model::CellSet::all(study.grid());
  const BlocksToRun blocks(study, 4, whole);
  sched::BlockSource source = blocks.source();
  double last = blocks.predicted_cost(core::BlockIndex{0});
  while (const auto block = source.next()) {
    // The last block of a seed is narrower, so it may cost less than the blocks after it.
    const model::Block cells = blocks.partition()[*block];
    if (cells.trials < blocks.partition().width()) continue;
    CHECK(blocks.predicted_cost(*block) <= last);
    last = blocks.predicted_cost(*block);
  }
}

TEST_CASE("the cost of a set of cells is the sum of its trials' costs") {
  const study::Study study = large_study();
  const std::vector<double> costs = study.trial_costs();
  REQUIRE(costs.size() == 2);
  CHECK(costs[1] > costs[0]);
  CHECK(study::cost_of(study, model::CellSet::all(study.grid())) ==
        Approx(800.0 * costs[0] + 800.0 * costs[1]));
  CHECK(study::cost_of(study, model::CellSet(study.grid())) == 0.0);
  model::CellSet two(study.grid());
  two.add({.point = core::PointIndex{0}, .seed = 3, .first = 0, .trials = 80}, 5);
  two.add({.point = core::PointIndex{1}, .seed = 9, .first = 0, .trials = 80}, 79);
  CHECK(study::cost_of(study, two) == Approx(costs[0] + costs[1]));
}

TEST_CASE("shards are apart from each other and together the sweep") {
  const study::Study study = large_study();
  model::CellSet left = model::CellSet::all(study.grid());
  std::int64_t sum = 0;
  for (std::int64_t index = 1; index <= 5; ++index) {
    model::CellSet part = study::shard_cells(study, {.index = index, .count = 5});
    sum += part.size();
    for (std::size_t i = 0; i < part.words().size(); ++i) left.words()[i] &= ~part.words()[i];
  }
  CHECK(sum == study.grid().cells());
  CHECK(left.size() == 0);
}
