#include "rhosweep/sched/master_mode.hpp"

#include <catch2/catch.hpp>

using namespace rhosweep::sched;

TEST_CASE("left to itself, the master works up to 32 ranks and only serves above") {
  for (const std::int64_t ranks : {1, 2, 32}) CHECK(choose_master_mode({}, ranks) == MasterMode::working);
  for (const std::int64_t ranks : {33, 4096}) CHECK(choose_master_mode({}, ranks) == MasterMode::dedicated);
}

TEST_CASE("the mode that is asked for is taken") {
  CHECK(choose_master_mode(MasterMode::dedicated, 2) == MasterMode::dedicated);
  CHECK(choose_master_mode(MasterMode::working, 4096) == MasterMode::working);
}

TEST_CASE("a single rank works whatever is asked for") {
  CHECK(choose_master_mode(MasterMode::dedicated, 1) == MasterMode::working);
}
