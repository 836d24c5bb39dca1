#include "sched/envelopes.hpp"
#include "support/blocks.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/sched/master.hpp"

#include <catch2/catch.hpp>

using namespace rhosweep;
using namespace rhosweep::sched;
using core::BlockIndex;

namespace {

const Master::Observer ignore = [](const Progress&, BlockIndex) {};

Master make_master(std::int64_t blocks, std::int64_t workers, MasterMode mode = MasterMode::dedicated) {
  return Master(equal_blocks(blocks), workers, mode, ignore);
}

}  // namespace

// The comparisons below contain every message that the master sends.

TEST_CASE("every worker gets a block in hand before any gets one ahead") {
  Master master = make_master(9, 3);
  CHECK(master.start() == Envelopes{run_order(1, 0), run_order(2, 1), run_order(3, 2),  //
                                    run_order(1, 3), run_order(2, 4), run_order(3, 5)});
  CHECK(master.workers()[0].in_hand == BlockIndex{0});
  CHECK(master.workers()[0].ahead == BlockIndex{3});
}

TEST_CASE("a worker that finishes a block gets the next one ahead") {
  Master master = make_master(9, 2);
  CHECK(master.start() == Envelopes{run_order(1, 0), run_order(2, 1), run_order(1, 2), run_order(2, 3)});
  CHECK(master.receive(done_report(2, 1)) == Envelopes{run_order(2, 4)});
  CHECK(master.receive(done_report(2, 3)) == Envelopes{run_order(2, 5)});
  CHECK(master.receive(done_report(1, 0)) == Envelopes{run_order(1, 6)});
}

TEST_CASE("nobody gets a block ahead once no more blocks remain than ranks that work") {
  SECTION("two workers, two blocks remain") {
    Master master = make_master(4, 2);
    CHECK(master.start() == Envelopes{run_order(1, 0), run_order(2, 1)});
    CHECK(master.receive(done_report(2, 1)) == Envelopes{run_order(2, 2)});
    CHECK(master.receive(done_report(2, 2)) == Envelopes{run_order(2, 3)});
    CHECK(master.receive(done_report(2, 3)) == Envelopes{finish_order(2)});
    CHECK(master.receive(done_report(1, 0)) == Envelopes{finish_order(1)});
    CHECK(master.receive(bye(1)).empty());
    CHECK(!master.finished());
    CHECK(master.receive(bye(2)).empty());
    CHECK(master.finished());
  }
  SECTION("two workers, three blocks remain") {
    Master master = make_master(5, 2);
    CHECK(master.start() == Envelopes{run_order(1, 0), run_order(2, 1), run_order(1, 2)});
  }
  SECTION("two workers and rank 0, three blocks remain") {
    Master master = make_master(5, 2, MasterMode::working);
    CHECK(master.start() == Envelopes{run_order(1, 0), run_order(2, 1)});
  }
}

TEST_CASE("blocks are handed out longest first") {
  model::Grid grid;
  grid.axes = {model::Axis{"sgd.steps", std::vector<std::int64_t>{10, 40, 20, 30}}};
  grid.seeds = {0, 1};
  grid.schedules = {model::Schedule::parse("constant")};
  grid.rhos = {0.5, 1.0, 2.0};
  const model::Partition partition(grid, 2, std::vector<double>{10.0, 40.0, 20.0, 30.0});
  Master master(BlockSource(partition), 1, MasterMode::dedicated, ignore);

  std::vector<BlockIndex> order;
  for (Envelopes out = master.start(); !master.workers()[0].finished;
       out = master.receive({core::Rank{1}, Done{*master.workers()[0].in_hand, {}}}))
    for (const auto& envelope : out) order.push_back(std::get<Run>(envelope.message).block);
  REQUIRE(std::ssize(order) == partition.blocks());
  std::vector<std::int64_t> steps;
  const auto& axis = std::get<std::vector<std::int64_t>>(grid.axes[0].values);
  for (const auto block : order) steps.push_back(axis[partition[block].point.value]);
  CHECK(steps == std::vector<std::int64_t>{40, 40, 40, 40, 30, 30, 30, 30, 20, 20, 20, 20, 10, 10, 10, 10});
}

TEST_CASE("workers for whom no block is left finish at once") {
  Master master = make_master(2, 4);
  CHECK(master.start() == Envelopes{run_order(1, 0), run_order(2, 1), finish_order(3), finish_order(4)});
  CHECK(master.receive(done_report(1, 0)) == Envelopes{finish_order(1)});
  CHECK(!master.finished());
  CHECK(master.receive(done_report(2, 1)) == Envelopes{finish_order(2)});
  for (const std::int64_t rank : {1, 2, 3, 4}) {
    CHECK(!master.finished());
    CHECK(master.receive(bye(rank)).empty());
  }
  CHECK(master.finished());
}

TEST_CASE("without blocks everybody finishes at once") {
  const auto mode = GENERATE(MasterMode::working, MasterMode::dedicated);
  Master master = make_master(0, 3, mode);
  CHECK(!master.take_own());
  CHECK(master.start() == Envelopes{finish_order(1), finish_order(2), finish_order(3)});
  for (const std::int64_t rank : {1, 2, 3}) master.receive(bye(rank));
  CHECK(master.finished());
}

TEST_CASE("a single rank takes every block itself") {
  Master master = make_master(3, 0, MasterMode::working);
  CHECK(master.start().empty());
  for (const std::int64_t block : {0, 1, 2}) {
    CHECK(master.take_own() == BlockIndex{block});
    CHECK(!master.finished());
    master.own_done(Tally{.done = 1});
  }
  CHECK(!master.take_own());
  CHECK(master.finished());
}

TEST_CASE("a working master draws from the same blocks as its workers") {
  Master master = make_master(4, 1, MasterMode::working);
  CHECK(master.take_own() == BlockIndex{0});
  CHECK(master.start() == Envelopes{run_order(1, 1)});
  master.own_done(Tally{.done = 1});
  CHECK(master.take_own() == BlockIndex{2});
  CHECK(master.receive(done_report(1, 1)) == Envelopes{run_order(1, 3)});
  CHECK(master.receive(done_report(1, 3)) == Envelopes{finish_order(1)});
  CHECK(!master.finished());
  master.own_done(Tally{.done = 1});
  CHECK(!master.take_own());
  CHECK(!master.finished());
  CHECK(master.receive(bye(1)).empty());
  CHECK(master.finished());
}

TEST_CASE("a dedicated master takes no block") {
  Master master = make_master(4, 1);
  CHECK(!master.take_own());
}

TEST_CASE("the master waits for a worker that never answers, and gives its blocks to nobody else") {
  Master master = make_master(12, 3);
  Envelopes sent = master.start();
  std::vector<int> times_sent(12, 0);
  for (std::size_t i = 0; i < sent.size(); ++i) {
    const auto [rank, message] = sent[i];
    if (const auto* run = std::get_if<Run>(&message)) ++times_sent[run->block.value];
    if (rank == core::Rank{2} || std::holds_alternative<Finish>(message)) continue;
    for (const auto& envelope : master.receive({rank, Done{std::get<Run>(message).block, {}}}))
      sent.push_back(envelope);
  }
  CHECK(times_sent == std::vector<int>(12, 1));
  CHECK(!master.finished());
  CHECK(master.workers()[0].finished);
  CHECK(master.workers()[2].finished);
  const Master::Worker& silent = master.workers()[1];
  CHECK(!silent.finished);
  CHECK(silent.in_hand == BlockIndex{1});
  CHECK(silent.ahead == BlockIndex{4});
}

TEST_CASE("progress counts the blocks and trials of workers and of rank 0") {
  std::vector<Progress> seen;
  Master master(equal_blocks(3), 1, MasterMode::working,
                [&](const Progress& p, BlockIndex) { seen.push_back(p); });
  master.take_own();
  master.start();
  CHECK(seen.empty());
  master.receive(
      {core::Rank{1}, Done{BlockIndex{1}, {.done = 5, .diverged = 2, .failed = 1, .seconds = 0.5}}});
  master.own_done({.done = 7, .diverged = 0, .failed = 1, .seconds = 0.25});
  REQUIRE(seen.size() == 2);
  CHECK(seen[0].blocks == 1);
  CHECK(seen[0].tally == Tally{.done = 5, .diverged = 2, .failed = 1, .seconds = 0.5});
  CHECK(seen[1].blocks == 2);
  CHECK(seen[1].tally == Tally{.done = 12, .diverged = 2, .failed = 2, .seconds = 0.75});
  CHECK(seen[1].tally.trials() == 16);
}

TEST_CASE("messages that break the protocol are bugs") {
  Master master = make_master(9, 2);
  master.start();
  CHECK_THROWS_AS(master.receive(done_report(1, 1)), core::InternalError);  // rank 2 holds block 1
  CHECK_THROWS_AS(master.receive(done_report(1, 2)), core::InternalError);  // rank 1 must first run block 0
  CHECK_THROWS_AS(master.receive(done_report(3, 0)), core::InternalError);  // no such rank
  CHECK_THROWS_AS(master.receive(done_report(0, 0)), core::InternalError);
  CHECK_THROWS_AS(master.receive(finish_order(1)), core::InternalError);
  CHECK_THROWS_AS(master.receive(bye(1)), core::InternalError);                // rank 1 holds blocks
  CHECK_THROWS_AS(master.receive(dropped_report(1, 0)), core::InternalError);  // the sweep is not draining
  CHECK_THROWS_AS(master.own_dropped(), core::InternalError);
}

TEST_CASE("a draining master hands out nothing more and waits for an answer to every block handed out") {
  Master master = make_master(9, 2);
  CHECK(master.start() == Envelopes{run_order(1, 0), run_order(2, 1), run_order(1, 2), run_order(2, 3)});
  SECTION("drained on rank 0") {
    CHECK(master.drain() == Envelopes{drain_order(1), drain_order(2)});
  }
  SECTION("drained by a worker") {
    CHECK(master.receive({core::Rank{2}, Drain{}}) == Envelopes{drain_order(1), drain_order(2)});
  }
  CHECK(master.draining());
  CHECK(master.drain().empty());
  CHECK(master.receive({core::Rank{1}, Drain{}}).empty());
  CHECK(!master.take_own());
  CHECK(master.receive(done_report(1, 0)).empty());  // the block ahead still needs an answer
  CHECK(master.receive(dropped_report(1, 2)) == Envelopes{finish_order(1)});
  CHECK(master.receive(dropped_report(2, 1)).empty());
  CHECK(master.receive(done_report(2, 3)) == Envelopes{finish_order(2)});
  CHECK(!master.finished());
  CHECK(master.receive(bye(2)).empty());
  CHECK(master.receive(bye(1)).empty());
  CHECK(master.finished());
}

TEST_CASE("a drain does not reach workers that have finished") {
  Master master = make_master(1, 2);
  CHECK(master.start() == Envelopes{run_order(1, 0), finish_order(2)});
  CHECK(master.drain() == Envelopes{drain_order(1)});
}

TEST_CASE("a working master drops its own block when draining") {
  Master master = make_master(5, 0, MasterMode::working);
  CHECK(master.take_own() == BlockIndex{0});
  CHECK_THROWS_AS(master.own_dropped(), core::InternalError);
  CHECK(master.drain().empty());
  master.own_dropped();
  CHECK(!master.take_own());
  CHECK(master.finished());
}

TEST_CASE("blocks that are not admitted are left out, shorter ones behind them are not") {
  const auto even = [](BlockIndex block) { return block.value % 2 == 0; };
  Master master(equal_blocks(7), 1, MasterMode::dedicated, ignore, even);
  CHECK(master.start() == Envelopes{run_order(1, 0), run_order(1, 2)});
  CHECK(master.receive(done_report(1, 0)) == Envelopes{run_order(1, 4)});
  CHECK(master.receive(done_report(1, 2)) == Envelopes{run_order(1, 6)});
  CHECK(master.receive(done_report(1, 4)).empty());
  CHECK(master.receive(done_report(1, 6)) == Envelopes{finish_order(1)});
}

TEST_CASE("a resumed sweep hands out the blocks with cells to run and counts only these") {
  model::Grid grid;
  grid.seeds = {0, 1, 2};
  grid.schedules = {model::Schedule::parse("constant")};
  grid.rhos = {0.5, 1.0, 2.0, 4.0};
  const model::Partition partition(grid, 2, std::vector<double>{1.0});  // blocks 2s and 2s + 1 of seed s
  model::CellSet to_run(grid);
  to_run.add(partition[BlockIndex{1}], 1);
  to_run.add(partition[BlockIndex{4}], 0);
  BlockSource source(partition, to_run);
  CHECK(source.remaining() == 2);
  CHECK(source.next() == BlockIndex{1});
  CHECK(source.remaining() == 1);
  CHECK(source.next() == BlockIndex{4});
  CHECK(source.remaining() == 0);
  CHECK(!source.next());
}

TEST_CASE("ten thousand million blocks start at once") {
  model::Grid grid;
  grid.seeds.resize(100'000);
  grid.schedules = {model::Schedule::parse("constant")};
  grid.rhos.resize(100'000, 1.0);
  const model::Partition partition(grid, 1, std::vector<double>{1.0});
  REQUIRE(partition.blocks() == 10'000'000'000);
  Master master(BlockSource(partition), 1, MasterMode::dedicated, ignore);
  CHECK(master.start() == Envelopes{run_order(1, 0), run_order(1, 1)});
}

TEST_CASE("a tally counts the trials of a block by how they ended, and none may be pending") {
  using model::CellStatus;
  model::BlockResult result(4, 1, 1);
  result.seconds = 2.0;
  CHECK_THROWS_AS(tally(result), core::InternalError);
  result.status = {CellStatus::done, CellStatus::diverged, CellStatus::done, CellStatus::failed};
  CHECK(tally(result) == Tally{.done = 2, .diverged = 1, .failed = 1, .seconds = 2.0});
}
