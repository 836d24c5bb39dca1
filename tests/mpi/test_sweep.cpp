#include "support/blocks.hpp"
#include "support/mpi_check.hpp"

#include "rhosweep/mpi/mpi_transport.hpp"
#include "rhosweep/mpi/world.hpp"
#include "rhosweep/sched/master.hpp"
#include "rhosweep/sched/run_master.hpp"
#include "rhosweep/sched/run_worker.hpp"
#include "rhosweep/sched/stop.hpp"

#include <vector>

#include <catch2/catch.hpp>

using namespace rhosweep;
using namespace rhosweep::mpi;
using namespace rhosweep::sched;
using core::BlockIndex;

namespace {

/// A stop switch that nothing outside the sweep sets.
class NoStop : public Stop {
 public:
  bool requested() override { return asked_; }
  void request() override { asked_ = true; }
  bool overdue() override { return asked_; }

 private:
  bool asked_ = false;
};

}  // namespace

TEST_CASE("the ranks of a world run and write every block of a sweep exactly once",
          "[np1][np2][np3][np4][np8]") {
  const World world;
  const auto asked = GENERATE(MasterMode::working, MasterMode::dedicated);
  const MasterMode mode = choose_master_mode(asked, world.size());
  const auto blocks = GENERATE(0, 3, 500);
  std::vector<int> runs(blocks, 0);
  std::vector<int> writes(blocks, 0);
  const RunBlock run = [&](BlockIndex block, const model::Yield& yield) {
    for (int mini_batch = 0; mini_batch < 4; ++mini_batch) yield();
    ++runs[block.value];
    return done_result();
  };
  const WriteBlock write = [&](BlockIndex block, const model::BlockResult&) { ++writes[block.value]; };

  MpiTransport transport(world);
  NoStop stop;
  Progress last;
  bool idle = true;
  if (world.is_root()) {
    Master master(equal_blocks(blocks), world.size() - 1, mode,
                  [&](const Progress& p, BlockIndex) { last = p; });
    run_master(transport, master, run, write, stop);
    CHECK(last.blocks == blocks);
    CHECK(last.tally.done == blocks);
    idle = runs == std::vector<int>(blocks, 0);
  } else {
    run_worker(transport, run, write, stop);
  }
  if (mode == MasterMode::dedicated) REQUIRE_ALL(world.comm(), idle);

  MPI_Allreduce(MPI_IN_PLACE, runs.data(), blocks, MPI_INT, MPI_SUM, world.comm());
  MPI_Allreduce(MPI_IN_PLACE, writes.data(), blocks, MPI_INT, MPI_SUM, world.comm());
  REQUIRE_ALL(world.comm(), runs == std::vector<int>(blocks, 1));
  REQUIRE_ALL(world.comm(), writes == std::vector<int>(blocks, 1));
  REQUIRE_ALL(world.comm(), !transport.poll());
}
