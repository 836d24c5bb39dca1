#include "rhosweep/study/blocks.hpp"
#include "rhosweep/study/job_request.hpp"
#include "rhosweep/study/outlook.hpp"
#include "rhosweep/study/recorded_times.hpp"
#include "rhosweep/study/stop_switch.hpp"
#include "rhosweep/study/time_limit.hpp"

#include <cmath>
#include <fstream>

#include <catch2/catch.hpp>

using namespace rhosweep;
using study::Forecaster;
using study::JobRequest;

namespace {

/// Returns a study with trials of 100 operations in blocks of 1 to 32 trials. @param seeds number of seeds,
/// each with 32 trials
study::Study study_of(std::int64_t seeds) {
  std::ofstream("sweep.toml") << R"(
[problem]
kind = "quadratic"
[sgd]
steps = 100
[grid]
stepsize = 0.1
schedule = ["constant", "linear"]
rho = { from = 0.1, to = 100.0, points = 16 }
seed = { from = 0, count = )" << seeds
                              << " }\n";
  return study::Study::prepare(study::SweepOptions{.file = "sweep.toml", .overrides = {}});
}

/// Returns a study of programs, which run in blocks of one trial.
study::Study programs_of(std::int64_t trials) {
  std::ofstream("programs.toml") << R"(
[problem]
kind = "command"
command = ["true"]
[sgd]
steps = 100
[grid]
stepsize = 0.1
schedule = ["constant"]
rho = [1.0]
seed = { from = 0, count = )" << trials
                                 << " }\n";
  return study::Study::prepare(study::SweepOptions{.file = "programs.toml", .overrides = {}});
}

/// Returns the speed of a core, in operations per second, that runs a trial of the study in this time.
double speed_at(const study::Study& study, double seconds_per_trial) {
  return study.trial_costs().front() / seconds_per_trial;
}

JobRequest request(const study::Study& study, double seconds_per_trial,
                   const study::JobSettings& settings = {}) {
  const model::CellSet all = model::CellSet::all(study.grid());
  return study::request_job(study, speed_at(study, seconds_per_trial), all, settings);
}

}  // namespace

TEST_CASE("within its time limit a run may still begin its last block, on nodes that are half as fast, too") {
  const study::Study study = study_of(40);
  const model::CellSet all = model::CellSet::all(study.grid());
  for (const double seconds_per_trial : {1e-3, 1.0, 100.0})
    for (const std::int64_t ranks : {1, 7, 40, 200}) {
      const study::Outlook run = Forecaster(study, speed_at(study, seconds_per_trial), all).predict(ranks);
      const study::Overhead overhead{.set_up = 20.0, .make_file = 5.0};
      const double limit = study::time_limit_for(run, overhead, 2.0);
      study::StopSwitch stop;
      study::set_deadline(stop, limit);
      // A run that is twice as slow as predicted has ended all blocks but the last one at the time `begin`.
      // So it begins the last block at that time at the latest.
      const double begin = 2.0 * (overhead.set_up + overhead.make_file + run.seconds - run.block_seconds);
      study::Forecast forecast;
      forecast.count(run.block_seconds, 2.0 * run.block_seconds);
      CHECK(forecast.fits(run.block_seconds, *stop.time_left() - begin));
      CHECK(std::fmod(limit, 60.0) == 0.0);
    }
}

TEST_CASE("a time limit is not much longer than the margin for slower nodes asks for") {
  const study::Outlook run{.ranks = 4, .block_seconds = 10.0, .seconds = 3600.0};
  const double limit = study::time_limit_for(run, {}, 2.0);
  CHECK(limit > 2 * 3600.0);
  CHECK(limit < 2.2 * 3600.0);
}

TEST_CASE("a job gets the most ranks that are busy, at most one per block and 128") {
  const study::Study study = programs_of(40);
  // 21 ranks run 40 equal trials in two rounds, so they are busy for 40 / 42 of their time. 22 to 40 ranks
  // are busy for a smaller share.
  const study::Outlook chosen = request(study, 1.0).outlook;
  CHECK(chosen.ranks == 21);
  CHECK(chosen.utilisation == Approx(40.0 / 42.0).epsilon(1e-3));
  CHECK(request(programs_of(12), 1.0).outlook.ranks == 12);
  CHECK(request(programs_of(1), 1.0).outlook.ranks == 1);
  // 128 ranks, of which one hands out the blocks, are 99 % busy, so the job gets as many.
  CHECK(request(programs_of(12'700), 1.0).outlook.ranks == study::most_ranks_unasked);
  // The report of a run chooses the number of ranks by the same rule, from the times that it measured.
  const model::CellSet all = model::CellSet::all(study.grid());
  const study::BlocksToRun blocks(study, 3, all);
  study::RecordedTimes times(study, blocks);
  for (core::BlockIndex block; block.value < blocks.partition().blocks(); ++block)
    times.record(blocks, block, 1.0);
  CHECK(Forecaster(study, times, all).most_busy(study::most_ranks_unasked).ranks == chosen.ranks);
}

TEST_CASE("a shard has a block for each rank, even if its job then takes more than a day") {
  const study::Study study = programs_of(40);
  const JobRequest given = request(study, 40'000.0, {.ranks = 4});  // a trial takes 11 hours
  CHECK(given.shards == 10);
  CHECK(given.outlook.ranks == 4);
  CHECK(given.outlook.utilisation >= study::busy_enough);
  // Without a given number of ranks, there are just enough shards that no rank runs two trials in sequence.
  const JobRequest chosen = request(study, 40'000.0);
  CHECK(chosen.outlook.utilisation >= study::busy_enough);
  CHECK(chosen.outlook.seconds < 1.01 * 40'000.0);
  CHECK(chosen.shards * chosen.outlook.ranks < 50);
}

TEST_CASE("the number of ranks that is asked for is kept") {
  const study::Study study = study_of(40);
  for (const std::int64_t ranks : {1, 3, 64})
    CHECK(request(study, 1.0, {.ranks = ranks}).outlook.ranks == ranks);
}

TEST_CASE("a job of more than a day is cut into shards, each of which ends within a day") {
  const study::Study study = study_of(2000);                  // 64 000 trials
  const JobRequest day = request(study, 8.0, {.ranks = 16});  // 8.9 hours, or 18 with the margin
  CHECK(day.shards == 1);
  const JobRequest days = request(study, 40.0, {.ranks = 16});  // 44 hours, or 89 with the margin
  CHECK(days.shards >= 4);
  CHECK(days.shards <= 6);
  CHECK(days.seconds <= 24 * 3600.0);
  CHECK(days.outlook.ranks == 16);
  // The time limit is that of the shard with the most work, so the other shards end in time, too.
  for (std::int64_t index = 1; index <= days.shards; ++index) {
    const model::CellSet cells = study::shard_cells(study, {.index = index, .count = days.shards});
    CHECK(Forecaster(study, speed_at(study, 40.0), cells).predict(16).seconds <= days.outlook.seconds);
  }
}

TEST_CASE("there are no more shards than blocks, and none of a shard") {
  const study::Study study = study_of(3);
  const std::int64_t tiles = 96 / study::block_widths(study).step;
  const JobRequest years = request(study, 1e6, {.ranks = 1});
  CHECK(years.shards == tiles);
  CHECK(request(study, 1e6, {.ranks = 1, .most_shards = 1}).shards == 1);
}
