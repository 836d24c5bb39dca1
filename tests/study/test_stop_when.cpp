#include "example.hpp"

#include "rhosweep/store/results_reader.hpp"
#include "rhosweep/store/survey.hpp"
#include "rhosweep/study/blocks.hpp"
#include "rhosweep/study/recompute.hpp"
#include "rhosweep/study/resume.hpp"
#include "rhosweep/study/rounds.hpp"

#include <limits>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace rhosweep;
using model::CellStatus;

namespace {

constexpr double lost = std::numeric_limits<double>::quiet_NaN();

/// A sweep whose first trials are those of the middle ρ. The others at the ends are far from it.
study::Study prepare(std::vector<std::string> more = {}) {
  more.insert(more.begin(), {"grid.rho=[0.001,0.5,1.0,2.0,2000.0]", "sgd.steps=64", "sgd.evaluations=4",
                             "stop_when={factor=2.0}"});
  return example::prepare(std::move(more));
}

/// Runs a study as a run does: the first trials, then the others with the limits that follow.
void run(const study::Study& study, const char* path) {
  const model::StopRule rule = study.stop_rule();
  example::make_file(study, path, study::first_trials(study.grid(), rule));
  const store::Survey found = store::survey(store::ResultsReader(path));
  store::ResultsFile file = store::ResultsFile::open(path);
  for (std::int64_t seed = 0; seed < std::ssize(study.grid().seeds); ++seed)
    for (std::int64_t i = 0; i < study.grid().trials_per_seed(); ++i)
      if (!rule.is_first(i))
        file.write(example::cell(seed, i),
                   study.run(core::PointIndex{0}, seed, {i}, &*found.stops, [] { return true; }).value(),
                   core::Rank{0});
  file.close();
}

model::BlockResult read(const char* path, const model::Block& cell) {
  return store::ResultsReader(path).read_cells(cell.point, cell.seed, 1).result.part(cell.first, 1);
}

/// Returns the first cell in a state, among those of seed 1.
model::Block cell_in(const char* path, CellStatus status) {
  for (std::int64_t i = 0; i < 10; ++i)
    if (read(path, example::cell(1, i)).status[0] == status && i % 5 != 2) return example::cell(1, i);
  FAIL("no such cell");
  return {};
}

std::vector<std::uint64_t> sums(const char* path) {
  return model::checksums(store::ResultsReader(path).read_cells(core::PointIndex{0}, 0, 3).result);
}

}  // namespace

TEST_CASE("the file of a run with stops fits its rule and is recomputed bit by bit") {
  const study::Study study = prepare();
  run(study, "out.h5");
  const store::ResultsReader file("out.h5");
  const auto counts = file.count_status();
  CHECK(counts[CellStatus::stopped] > 0);
  CHECK(counts[CellStatus::done] > 6);
  CHECK(counts[CellStatus::done] + counts[CellStatus::diverged] + counts[CellStatus::stopped] == 30);
  const store::Survey found = store::survey(file);
  CHECK(found.misfits.empty());
  CHECK(found.damaged.empty());
  CHECK(found.to_run.size() == 0);
  const auto again = study::recompute_sample(study, file, found.to_run, 30, &*found.stops);
  CHECK(again.cells == 30);
  CHECK(again.differing.empty());
}

TEST_CASE("a state that the rule of [stop_when] contradicts is found and run again") {
  const study::Study study = prepare();
  run(study, "out.h5");
  const auto sound = sums("out.h5");
  model::Block cell = cell_in("out.h5", CellStatus::stopped);
  model::BlockResult result = read("out.h5", cell);
  std::string complaint;
  SECTION("a trial was stopped earlier than the rule says") {
    for (std::size_t i = 2; i < result.curve.size(); i += 4) result.curve[i] = lost;
    complaint = "marked as stopped, but [stop_when] does not stop it there";
  }
  SECTION("a stopped trial has a final value") {
    result.final[0] = 0.25;
    complaint = "marked as stopped, but with a result";
  }
  SECTION("a stopped trial has no curve") {
    std::fill(result.curve.begin(), result.curve.end(), lost);
    complaint = "marked as stopped, but with a result";
  }
  SECTION("a trial that the rule does not stop was stopped") {
    cell = cell_in("out.h5", CellStatus::done);
    result = read("out.h5", cell);
    result.status[0] = CellStatus::stopped;
    std::fill(result.final.begin(), result.final.end(), lost);
    for (std::size_t i = 3; i < result.curve.size(); i += 4) result.curve[i] = lost;
    complaint = "marked as stopped, but [stop_when] does not stop it there";
  }
  SECTION("a first trial was stopped") {
    cell = example::cell(1, 2);
    result = read("out.h5", cell);
    result.status[0] = CellStatus::stopped;
    complaint = "marked as stopped, but one of the first trials, which run whole";
  }
  example::write("out.h5", cell, result);
  const store::Survey found = store::survey(store::ResultsReader("out.h5"));
  REQUIRE(found.misfits.size() == 1);
  CHECK(found.misfits.front().cell == cell);
  CHECK(found.misfits.front().complaint == complaint);
  const auto to_run = study::cells_to_resume("out.h5", study);
  CHECK(to_run.size() == 1);
  CHECK(to_run.contains(cell, 0));
  CHECK(store::ResultsReader("out.h5").count_status()[CellStatus::pending] == 1);
  const store::Survey again = store::survey(store::ResultsReader("out.h5"));
  CHECK(again.misfits.empty());
  CHECK(again.stops->knows(core::PointIndex{0}, 1, 0) == (cell.first != 2));
  if (cell.first == 2) return;
  example::write("out.h5", cell,
                 study.run(cell.point, cell.seed, {cell.first}, &*again.stops, [] { return true; }).value());
  CHECK(sums("out.h5") == sound);
}

TEST_CASE(
    "a trial that the rule stops, although more of its curve is known, is stopped with the bits of a run") {
  const study::Study study = prepare();
  run(study, "out.h5");
  const auto sound = sums("out.h5");
  const model::Block cell = cell_in("out.h5", CellStatus::stopped);
  model::BlockResult result = example::results(study, cell);
  std::string complaint = "with a result, but [stop_when] stops it";
  SECTION("it has a result") {}
  SECTION("it was stopped later") {
    result.status[0] = CellStatus::stopped;
    result.diverged_step[0] = -1;
    std::fill(result.final.begin(), result.final.end(), lost);
    complaint = "marked as stopped, but [stop_when] does not stop it there";
  }
  example::write("out.h5", cell, result);
  const store::Survey found = store::survey(store::ResultsReader("out.h5"));
  REQUIRE(found.misfits.size() == 1);
  CHECK(found.misfits.front().cell == cell);
  CHECK(found.misfits.front().complaint == complaint);
  REQUIRE(found.misfits.front().stop.has_value());
  CHECK_FALSE(found.misfits.front().stop->has_one_metric);
  CHECK(study::cells_to_resume("out.h5", study).size() == 0);
  CHECK(sums("out.h5") == sound);
  CHECK(store::ResultsReader("out.h5").read_cells(cell.point, cell.seed, 1).checksums[cell.first] ==
        sound[static_cast<std::size_t>(cell.seed * study.grid().trials_per_seed() + cell.first)]);
  CHECK(store::survey(store::ResultsReader("out.h5")).misfits.empty());
}

TEST_CASE("a failed first trial does not count; once it has run, the others are judged again") {
  const study::Study study = prepare();
  run(study, "out.h5");
  const auto sound = sums("out.h5");
  const model::Block first = example::cell(1, 2);
  model::BlockResult failed(1, read("out.h5", first).metrics(), 4);
  failed.status[0] = CellStatus::failed;
  example::write("out.h5", first, failed);
  // Without a first trial there is no limit, so that no trial of the row may be stopped.
  const store::Survey found = store::survey(store::ResultsReader("out.h5"));
  CHECK(found.stops->knows(core::PointIndex{0}, 1, 0));
  REQUIRE_FALSE(found.misfits.empty());
  auto to_run = study::cells_to_resume("out.h5", study);
  CHECK(to_run.size() == std::ssize(found.misfits) + 1);
  for (const store::Misfit& misfit : found.misfits)
    example::write("out.h5", misfit.cell, example::results(study, misfit.cell));
  CHECK(store::survey(store::ResultsReader("out.h5")).misfits.empty());
  example::write("out.h5", first, example::results(study, first));
  const store::Survey now = store::survey(store::ResultsReader("out.h5"));
  CHECK(now.misfits.size() == found.misfits.size());
  for (const store::Misfit& misfit : now.misfits)
    example::write(
        "out.h5", misfit.cell,
        study.run(misfit.cell.point, misfit.cell.seed, {misfit.cell.first}, &*now.stops, [] { return true; })
            .value());
  CHECK(sums("out.h5") == sound);
}

TEST_CASE("a cell is not stopped without [stop_when]") {
  const study::Study study = example::prepare();
  example::make_file(study, "out.h5", model::CellSet::all(study.grid()));
  model::BlockResult result = read("out.h5", example::cell(1, 4));
  result.status[0] = CellStatus::stopped;
  example::write("out.h5", example::cell(1, 4), result);
  CHECK(store::ResultsReader("out.h5").count_status()[CellStatus::stopped] == 0);
  const store::Survey found = store::survey(store::ResultsReader("out.h5"));
  REQUIRE(found.misfits.size() == 1);
  CHECK(found.misfits.front().complaint == "marked as stopped, but the sweep has no [stop_when]");
  CHECK(found.damaged.empty());
  CHECK_FALSE(found.stops.has_value());
  CHECK(study::cells_to_resume("out.h5", study).size() == 1);
}

TEST_CASE("a shard has all trials of a seed and schedule or none") {
  const study::Study study = prepare();
  const std::int64_t rhos = std::ssize(study.grid().rhos);
  std::int64_t all = 0;
  for (std::int64_t i = 1; i <= 4; ++i) {
    const model::CellSet cells = study::shard_cells(study, {.index = i, .count = 4});
    all += cells.size();
    for (std::int64_t seed = 0; seed < 3; ++seed)
      for (std::int64_t s = 0; s < 2; ++s) {
        const std::int64_t count =
            cells.count({.point = core::PointIndex{0}, .seed = seed, .first = s * rhos, .trials = rhos});
        CHECK((count == 0 || count == rhos));
      }
  }
  CHECK(all == study.grid().cells());
}

TEST_CASE("a metric that the trials do not have and programs that serve are refused for stops") {
  CHECK_THROWS_WITH(prepare({"stop_when.metric=\"train_los\""}),
                    Catch::Contains("stop_when.metric: found \"train_los\", did you mean 'train_loss'?"));
  CHECK_THROWS_WITH(
      prepare({"problem={kind=\"command\",command=[\"cat\"],mode=\"serve\"}"}),
      Catch::EndsWith("stop_when: found a section beside problem.mode = \"serve\", which cannot end single "
                      "trials; allowed: problem.mode = \"once\", or no [stop_when]"));
}
