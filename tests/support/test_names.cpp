// Cases whose names CMake's lists or Catch2's filters could split. Each case is its own CTest entry, which
// fails if the name matches no case.
#include <catch2/catch.hpp>

namespace {
int run = 0;  // number of cases that this process ran; every CTest entry is a process of its own
}

TEST_CASE("a name with a semicolon; and another; is one case") {
  CHECK(++run == 1);
}

TEST_CASE("a name with [brackets], commas, and [one that stays open") {
  CHECK(++run == 1);
}

TEST_CASE("a name with a ] that closes nothing; and \"quotes\" and a * inside") {
  CHECK(++run == 1);
}
