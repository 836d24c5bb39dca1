#include "rhosweep/core/error.hpp"

#include <catch2/catch.hpp>

using namespace rhosweep::core;

TEST_CASE("a bad value is refused with its place, what was found and what is allowed") {
  CHECK(found_allowed("0", "a number > 0") == "found 0; allowed: a number > 0");
  CHECK_THROWS_WITH(refuse("sweep.toml:3", "{}", "[]"), "sweep.toml:3: found {}; allowed: []");
  try {
    refuse("file", "a", "b");
  } catch (const Error& error) {
    CHECK(error.code() == ExitCode::bad_input);
  }
}
