#include "rhosweep/core/random.hpp"

#include <cmath>
#include <set>
#include <vector>

#include <catch2/catch.hpp>

using rhosweep::core::Purpose;
using rhosweep::core::RandomStream;

TEST_CASE("the bits are Philox4x32-10 of (seed; step, lane, purpose)") {
  // Known-answer vectors of the Random123 distribution (kat_vectors, philox4x32 10). An all-zero counter and
  // key needs purpose 0. The cast is needed because no enumerator has the value 0.
  const RandomStream zero(0, static_cast<Purpose>(0));
  CHECK(zero.bits(0, 0) == std::array<std::uint32_t, 4>{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  const RandomStream ones(-1, static_cast<Purpose>(0xffffffffU));
  CHECK(ones.bits(-1, 0xffffffffU) ==
        std::array<std::uint32_t, 4>{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  const RandomStream pi(0x299f31d0a4093822, static_cast<Purpose>(0x03707344));
  CHECK(pi.bits(static_cast<std::int64_t>(0x85a308d3243f6a88), 0x13198a2e) ==
        std::array<std::uint32_t, 4>{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST_CASE("streams differ by seed, purpose, step and lane") {
  std::set<std::array<std::uint32_t, 4>> seen;
  for (const std::int64_t seed : {0, 1})
    for (const Purpose purpose : {Purpose::sample, Purpose::noise})
      for (const std::int64_t step : {0, 1})
        for (const std::uint32_t lane : {0U, 1U}) seen.insert(RandomStream(seed, purpose).bits(step, lane));
  CHECK(seen.size() == 16);
}

TEST_CASE("below(n) is uniform on 0 … n-1") {
  const RandomStream stream(7, Purpose::sample);
  std::vector<int> counts(10);
  constexpr int draws = 100000;
  for (int t = 0; t < draws; ++t) {
    const auto index = stream.below(10, t, 0);
    REQUIRE(index >= 0);
    REQUIRE(index < 10);
    ++counts[static_cast<std::size_t>(index)];
  }
  double chi_squared = 0.0;
  for (const int count : counts)
    chi_squared += (count - draws / 10.0) * (count - draws / 10.0) / (draws / 10.0);
  CHECK(chi_squared < 33.7);  // the 99.99 % quantile for 9 degrees of freedom
  CHECK(stream.below(1, 0, 0) == 0);
}

TEST_CASE("normal numbers have the moments of the standard normal distribution") {
  const RandomStream stream(3, Purpose::features);
  double sum = 0.0;
  double squares = 0.0;
  double fourths = 0.0;
  double products = 0.0;
  constexpr int pairs = 200000;
  for (int t = 0; t < pairs; ++t) {
    const auto [a, b] = stream.normal_pair(t, 5);
    sum += a + b;
    squares += a * a + b * b;
    fourths += a * a * a * a + b * b * b * b;
    products += a * b;
  }
  const double n = 2.0 * pairs;
  CHECK(std::abs(sum / n) < 5 / std::sqrt(n));
  CHECK(std::abs(squares / n - 1) < 5 * std::sqrt(2 / n));
  CHECK(std::abs(fourths / n - 3) < 5 * std::sqrt(96 / n));
  CHECK(std::abs(products / pairs) < 5 / std::sqrt(pairs));
}

TEST_CASE("uniform numbers lie strictly between 0 and 1") {
  const RandomStream stream(1, Purpose::noise);
  double smallest = 1.0;
  double largest = 0.0;
  for (int t = 0; t < 100000; ++t) {
    const double u = stream.uniform(t, 0);
    smallest = std::min(smallest, u);
    largest = std::max(largest, u);
  }
  CHECK(smallest > 0.0);
  CHECK(smallest < 1e-3);
  CHECK(largest < 1.0);
  CHECK(largest > 1.0 - 1e-3);
}
