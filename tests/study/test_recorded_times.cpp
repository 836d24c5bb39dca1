#include "rhosweep/study/blocks.hpp"
#include "rhosweep/study/outlook.hpp"
#include "rhosweep/study/recorded_times.hpp"

#include <algorithm>
#include <fstream>

#include <catch2/catch.hpp>

using namespace rhosweep;
using study::RecordedTimes;

namespace {

/// Returns a study of programs in blocks of one trial: 2 numbers of steps x 3 seeds x 4 trials.
study::Study programs() {
  std::ofstream("programs.toml") << R"(
[problem]
kind = "command"
command = ["true"]
[sgd]
steps = 100
[grid]
stepsize = 0.1
schedule = ["constant", "linear"]
rho = [0.5, 1.0]
seed = [0, 1, 2]
[axes]
"sgd.steps" = [100, 300]
)";
  return study::Study::prepare(study::SweepOptions{.file = "programs.toml", .overrides = {}});
}

/// Returns a study in lockstep blocks of up to 128 trials: 10 seeds x 128 trials.
study::Study quadratic() {
  std::ofstream("quadratic.toml") << R"(
[problem]
kind = "quadratic"
[sgd]
steps = 100
[grid]
stepsize = 0.1
schedule = ["constant", "linear"]
rho = { from = 0.1, to = 100.0, points = 64 }
seed = { from = 0, count = 10 }
)";
  return study::Study::prepare(study::SweepOptions{.file = "quadratic.toml", .overrides = {}});
}

}  // namespace

TEST_CASE("a run is predicted to take what list scheduling of its recorded times takes") {
  const study::Study study = programs();
  const model::CellSet all = model::CellSet::all(study.grid());
  const study::BlocksToRun blocks(study, 1, all);
  RecordedTimes times(study, blocks);
  REQUIRE(blocks.partition().blocks() == 24);
  // The last block that is handed out takes much longer than the others.
  for (core::BlockIndex block; block.value < 24; ++block)
    times.record(blocks, block, block.value == 23 ? 100.0 : 10.0);
  const study::Forecaster forecaster(study, times, all);
  CHECK(forecaster.core_seconds() == Approx(330.0));
  CHECK(forecaster.predict(1).seconds == Approx(330.0).epsilon(1e-3));
  // 23 blocks of 10 s on 4 ranks: the last begins after 50 s at the earliest and takes 100 s.
  const study::Outlook four = forecaster.predict(4, sched::MasterMode::working);
  CHECK(four.seconds == Approx(150.0).epsilon(0.08));
  CHECK(four.block_seconds == Approx(100.0));
  CHECK(four.utilisation == Approx(330.0 / (4 * four.seconds)));
  CHECK(forecaster.most_busy().ranks == 1);
}

TEST_CASE("equal recorded times keep many ranks busy") {
  const study::Study study = quadratic();
  const model::CellSet all = model::CellSet::all(study.grid());
  const study::BlocksToRun blocks(study, 1, all);
  RecordedTimes times(study, blocks);
  for (core::BlockIndex block; block.value < blocks.partition().blocks(); ++block)
    times.record(blocks, block, static_cast<double>(blocks.partition()[block].trials));
  const study::Forecaster forecaster(study, times, all);
  CHECK(forecaster.core_seconds() == Approx(1280.0));
  const study::Outlook busy = forecaster.most_busy();
  CHECK(busy.ranks >= 10);
  CHECK(busy.utilisation >= study::busy_enough);
  CHECK(busy.seconds == Approx(1280.0 / static_cast<double>(busy.ranks)).epsilon(0.06));
}

TEST_CASE("trials of other blocks take their share of the block in which they ran") {
  const study::Study study = quadratic();
  const model::CellSet all = model::CellSet::all(study.grid());
  const study::BlocksToRun wide(study, 1, all);
  const std::int64_t width = wide.partition().width();
  REQUIRE(width == 128);
  RecordedTimes times(study, wide);
  times.record(wide, core::BlockIndex{0}, 128.0);
  times.record(wide, core::BlockIndex{1}, 256.0);
  const std::int64_t first = wide.partition()[core::BlockIndex{0}].seed;
  const std::int64_t second = wide.partition()[core::BlockIndex{1}].seed;
  CHECK(times.seconds({.point = {}, .seed = first, .first = 32, .trials = 64}) == Approx(64.0));
  CHECK(times.seconds({.point = {}, .seed = second, .first = 96, .trials = 32}) == Approx(64.0));
  // Trials that did not run are predicted from the mean of those that did: 256 trials took 384 s.
  const std::int64_t other = wide.partition()[core::BlockIndex{5}].seed;
  CHECK(times.seconds({.point = {}, .seed = other, .first = 0, .trials = 10}) == Approx(15.0));
}

TEST_CASE("trials that were not run are predicted in proportion to their steps, and are what is left") {
  const study::Study study = programs();
  const model::CellSet all = model::CellSet::all(study.grid());
  const study::BlocksToRun blocks(study, 1, all);
  RecordedTimes times(study, blocks);
  const model::Block ran = blocks.partition()[core::BlockIndex{0}];
  times.record(blocks, core::BlockIndex{0}, 30.0);
  const core::PointIndex other{1 - ran.point.value};
  // The trials with the most steps come first: the block that ran had 300 steps and took 30 s. So a trial of
  // 100 steps is predicted to take 10 s.
  CHECK(times.seconds({.point = ran.point, .seed = 2, .first = 3, .trials = 1}) == Approx(30.0));
  CHECK(times.seconds({.point = other, .seed = 0, .first = 0, .trials = 2}) == Approx(20.0));
  const model::CellSet left = times.left_of(all);
  CHECK(left.size() == 23);
  CHECK(!left.contains(ran, 0));
}
