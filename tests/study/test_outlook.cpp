#include "rhosweep/model/shard.hpp"
#include "rhosweep/study/blocks.hpp"
#include "rhosweep/study/outlook.hpp"

#include <fstream>
#include <numeric>
#include <vector>

#include <catch2/catch.hpp>

using namespace rhosweep;
using study::Forecaster;

namespace {

/// Returns a study with two numbers of steps, 40 seeds and 26 trials per seed.
study::Study example_study() {
  std::ofstream("sweep.toml") << R"(
[problem]
kind = "quadratic"
[sgd]
steps = 100
[grid]
stepsize = 0.1
schedule = ["constant", "linear"]
rho = { from = 0.1, to = 100.0, points = 13 }
seed = { from = 0, count = 40 }
[axes]
"sgd.steps" = [100, 1000]
)";
  return study::Study::prepare(study::SweepOptions{.file = "sweep.toml", .overrides = {}});
}

model::CellSet shard(const study::Study& study, std::int64_t index) {
  return study::shard_cells(study, {.index = index, .count = 4});
}

}  // namespace

// With one operation per second, messages and writing take no noticeable time compared with the trials.

TEST_CASE("a sweep is predicted to take the work of its trials, and its shards together as much") {
  const study::Study study = example_study();
  const std::vector<double> work = study.trial_costs();
  const double all = std::accumulate(work.begin(), work.end(), 0.0) * 40 * 26;
  const model::CellSet every = model::CellSet::all(study.grid());
  const Forecaster whole(study, 1.0, every);
  CHECK(whole.core_seconds() == Approx(all));
  CHECK(whole.predict(1).seconds == Approx(all));
  double sum = 0.0;
  for (std::int64_t index = 1; index <= 4; ++index) {
    const model::CellSet cells = shard(study, index);
    const Forecaster part(study, 1.0, cells);
    CHECK(part.core_seconds() < 0.5 * all);
    CHECK(part.predict(1).seconds == Approx(part.core_seconds()));
    sum += part.core_seconds();
  }
  CHECK(sum == Approx(all));
}

TEST_CASE("what is predicted of a shard, for any number of ranks, is of its own blocks") {
  const study::Study study = example_study();
  const model::CellSet cells = shard(study, 1);
  for (const std::int64_t ranks : {2, 3, 8, 40}) {
    const auto outlook = Forecaster(study, 1.0, cells).predict(ranks);
    const study::BlocksToRun blocks(study, ranks, cells);
    CHECK(outlook.blocks == blocks.source().remaining());
    CHECK(outlook.seconds >= outlook.block_seconds);
    CHECK(outlook.utilisation > 0.0);
    CHECK(outlook.utilisation <= 1.0 + 1e-9);
  }
}

TEST_CASE("of a block that a sweep has left a part of, only that part is predicted") {
  const study::Study study = example_study();
  model::CellSet one(study.grid());
  one.add({.point = core::PointIndex{0}, .seed = 7, .first = 0, .trials = 26}, 5);
  const Forecaster forecaster(study, 1.0, one);
  const double work = study.trial_costs().front();
  CHECK(forecaster.core_seconds() == Approx(work));
  const auto outlook = forecaster.predict(4);
  CHECK(outlook.blocks == 1);
  CHECK(outlook.block_seconds == Approx(work));
  CHECK(outlook.seconds == Approx(work));
}
