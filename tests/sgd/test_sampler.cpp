#include "sampler.hpp"

#include <algorithm>
#include <set>
#include <vector>

#include <catch2/catch.hpp>

using rhosweep::model::Sampling;
using rhosweep::sgd::Sampler;

namespace {

std::vector<std::int64_t> draw(Sampling sampling, std::int64_t samples, std::int64_t batch, std::int64_t seed,
                               std::int64_t first, std::int64_t steps) {
  std::vector<std::int64_t> indices(steps * batch);
  Sampler(sampling, samples, batch, seed).draw(first, indices);
  return indices;
}

}  // namespace

TEST_CASE("draws do not depend on how the steps are cut into chunks") {
  const auto sampling = GENERATE(Sampling::with_replacement, Sampling::shuffle);
  const auto whole = draw(sampling, 11, 3, 4, 0, 20);
  Sampler sampler(sampling, 11, 3, 4);
  std::vector<std::int64_t> pieces;
  for (const auto& [first, steps] :
       std::vector<std::pair<std::int64_t, std::int64_t>>{{0, 1}, {1, 7}, {8, 12}}) {
    std::vector<std::int64_t> piece(steps * 3);
    sampler.draw(first, piece);
    pieces.insert(pieces.end(), piece.begin(), piece.end());
  }
  CHECK(pieces == whole);
  // A sampler that starts at step 8 draws the same from there on.
  const auto tail = draw(sampling, 11, 3, 4, 8, 12);
  CHECK(std::equal(tail.begin(), tail.end(), whole.begin() + 24));
}

TEST_CASE("a shuffled epoch holds every sample once, and epochs differ") {
  const auto indices = draw(Sampling::shuffle, 12, 4, 1, 0, 6);  // two epochs
  const std::vector<std::int64_t> first(indices.begin(), indices.begin() + 12);
  const std::vector<std::int64_t> second(indices.begin() + 12, indices.end());
  CHECK(std::set<std::int64_t>(first.begin(), first.end()).size() == 12);
  CHECK(std::set<std::int64_t>(second.begin(), second.end()).size() == 12);
  CHECK(first != second);
}

TEST_CASE("a shuffle is uniform: every sample comes first equally often") {
  std::vector<int> counts(5);
  constexpr int seeds = 5000;
  for (int seed = 0; seed < seeds; ++seed) ++counts[draw(Sampling::shuffle, 5, 1, seed, 0, 1)[0]];
  double chi_squared = 0.0;
  for (const int count : counts) chi_squared += (count - seeds / 5.0) * (count - seeds / 5.0) / (seeds / 5.0);
  CHECK(chi_squared < 23.5);  // the 99.99 % quantile for 4 degrees of freedom
}

TEST_CASE("draws with replacement repeat samples within a batch and differ between seeds") {
  const auto indices = draw(Sampling::with_replacement, 4, 40, 2, 0, 1);
  CHECK(std::set<std::int64_t>(indices.begin(), indices.end()).size() == 4);
  CHECK(indices != draw(Sampling::with_replacement, 4, 40, 3, 0, 1));
}
