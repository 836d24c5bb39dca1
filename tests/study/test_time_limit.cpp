#include "rhosweep/study/stop_switch.hpp"
#include "rhosweep/study/time_limit.hpp"

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <optional>
#include <string>

#include <catch2/catch.hpp>

using namespace rhosweep;
using study::Forecast;
using study::StopSwitch;

namespace {

/// Pretends that this process runs in a Slurm job that ends in this many seconds, or in no Slurm job.
void set_job_end(std::optional<double> seconds) {
  if (!seconds) {
    ::unsetenv("SLURM_JOB_END_TIME");
  } else {
    const auto end = std::time(nullptr) + static_cast<std::time_t>(*seconds);
    ::setenv("SLURM_JOB_END_TIME", std::to_string(end).c_str(), 1);
  }
}

/// Returns the seconds until the deadline that a run gets.
std::optional<double> time_for(std::optional<double> limit, std::optional<double> job_end) {
  set_job_end(job_end);
  StopSwitch stop;
  study::set_deadline(stop, limit);
  set_job_end(std::nullopt);
  return stop.time_left();
}

}  // namespace

TEST_CASE("without a limit and outside of a Slurm job a run has no deadline") {
  CHECK(!time_for(std::nullopt, std::nullopt));
}

TEST_CASE("a run stops early enough for the last blocks to end and the file to be closed") {
  for (const double limit : {1.0, 60.0, 3600.0, 1e6}) {
    const double reserved = limit - *time_for(limit, std::nullopt);
    CHECK(reserved > std::min(0.05 * limit, 5.0));
    CHECK(reserved < 0.2 * limit);
  }
}

TEST_CASE("a run stops before the end of its Slurm job or its time limit, whichever is first") {
  CHECK(*time_for(std::nullopt, 100.0) < 95.0);
  CHECK(*time_for(std::nullopt, 100.0) > 80.0);
  CHECK(*time_for(1000.0, 100.0) < 95.0);
  CHECK(*time_for(50.0, 100.0) < 48.0);
}

TEST_CASE("the end of a job that lies in the past is no limit") {
  CHECK(!time_for(std::nullopt, -100.0));
  CHECK(*time_for(1000.0, -100.0) > 800.0);
}

TEST_CASE("before a block has been timed, and without a deadline, every block may begin") {
  Forecast forecast;
  CHECK(forecast.fits(1e300, 1.0));
  forecast.count(1.0, 1e6);
  CHECK(forecast.fits(1e300, std::nullopt));
}

TEST_CASE("a block may begin if it ends in time behind another of its kind") {
  Forecast forecast;
  forecast.count(30.0, 10.0);
  forecast.count(10.0, 20.0);  // in all, a cost of 40 took 20 s
  const double seconds = 20.0 / 40.0 * 6.0;
  CHECK(forecast.fits(6.0, 2.0 * seconds * 1.001));
  CHECK(!forecast.fits(6.0, 2.0 * seconds * 0.999));
  CHECK(!forecast.fits(6.0, -1.0));
}
