#include "rhosweep/sgd/multipliers.hpp"

#include <vector>

#include <catch2/catch.hpp>

using namespace rhosweep;

TEST_CASE("kept and recomputed multipliers are the schedule's values, bit for bit") {
  const auto h = model::Schedule::parse("warmup(0.1, polynomial(2.5))");
  for (const std::size_t bytes : {std::size_t{0}, std::size_t{1} << 20}) {
    sgd::Multipliers multipliers(bytes);
    for (int repeat = 0; repeat < 2; ++repeat) {
      std::vector<double> some(30);
      multipliers.fill(h, 100, 5, some);
      for (std::int64_t i = 0; i < 30; ++i) CHECK(some[i] == h(5 + i, 100));
    }
  }
}

TEST_CASE("a table whose size in bytes overflows is not kept") {
  const auto h = model::Schedule::parse("linear");
  sgd::Multipliers multipliers;
  std::vector<double> some(3);
  multipliers.fill(h, std::int64_t{1} << 61, 0, some);
  CHECK(some == std::vector<double>(3, 1.0));  // 1 − t/2⁶¹ rounds to 1
}
