#include "synthetic.hpp"

#include "rhosweep/analysis/search.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <numeric>
#include <vector>

#include <catch2/catch.hpp>

using namespace rhosweep;
using namespace rhosweep::analysis;
using synthetic::diverged;

namespace {

constexpr double unfinished = std::numeric_limits<double>::quiet_NaN();

/// Four decades in steps of a factor of 10^0.1 = 1.26, as in the sweep files of jobs/.
const std::vector<double> fine_grid = synthetic::geometric(0.01, 100.0, 41);

/// Returns the errors that a formula of ρ and the seed gives at every ρ of the grid.
SeedErrors errors_by(const std::function<double(double rho, std::int64_t seed)>& formula,
                     std::int64_t seeds = 1) {
  SeedErrors errors;
  for (const double rho : fine_grid) {
    errors.emplace_back();
    for (std::int64_t s = 0; s < seeds; ++s) errors.back().push_back(formula(rho, s));
  }
  return errors;
}

/// Returns the bound ratio of a constant stepsize. Its least value is 1, at ρ = 1.
double bound_ratio(double rho) {
  return 0.5 * (rho + 1.0 / rho);
}

double mean_of(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

/// Returns the error at the ρ that is found, over the least error of the grid, minus 1.
double regret_of(const SeedErrors& errors, const SearchCourse& course) {
  double least = diverged;
  for (const auto& of_rho : errors) least = std::min(least, mean_of(of_rho));
  return mean_of(errors[course.best]) / least - 1.0;
}

/// Returns the indices of the ρ with at least one seed.
std::vector<std::int64_t> visited(const std::vector<std::int64_t>& seeds) {
  std::vector<std::int64_t> places;
  for (std::int64_t i = 0; i < std::ssize(seeds); ++i)
    if (seeds[i] > 0) places.push_back(i);
  return places;
}

std::vector<std::int64_t> seeds_of_first_round(double ratio, std::int64_t seeds = 4) {
  const SeedErrors errors(fine_grid.size(), std::vector<double>(seeds, unfinished));
  return next_seeds({.first_seeds = 3, .first_ratio = ratio}, fine_grid, errors,
                    std::vector<std::int64_t>(fine_grid.size(), 0));
}

}  // namespace

TEST_CASE("the first round of a search is a coarse grid about the middle", "[np1]") {
  // Neighbouring ρ have the ratio 10^0.1. So a ratio of 10 is 10 steps of the grid, and a ratio of 30
  // is 14.8, rounded down to 14.
  CHECK(visited(seeds_of_first_round(10.0)) == std::vector<std::int64_t>{0, 10, 20, 30, 40});
  CHECK(visited(seeds_of_first_round(30.0)) == std::vector<std::int64_t>{6, 20, 34});
  CHECK(visited(seeds_of_first_round(1e9)) == std::vector<std::int64_t>{0, 20, 40});
  CHECK(visited(seeds_of_first_round(1.1)).size() == fine_grid.size());
  for (const std::int64_t i : visited(seeds_of_first_round(10.0))) CHECK(seeds_of_first_round(10.0)[i] == 3);
  CHECK(seeds_of_first_round(10.0, 2)[20] == 2);
}

TEST_CASE("by the theory, an annealed schedule is first searched more coarsely", "[np1]") {
  // The ratios at which the worst cost of a grid is 25 % (jobs/paper/README.md, "theory").
  const auto ratio = [](const char* schedule) {
    return search_rules({}, model::Schedule::parse(schedule), 16384).first_ratio;
  };
  CHECK(ratio("constant") == Approx(4.00).epsilon(0.01));
  CHECK(ratio("linear") == Approx(4.63).epsilon(0.01));
  CHECK(ratio("cosine") == Approx(4.85).epsilon(0.01));
  CHECK(ratio("polynomial(2)") == Approx(6.75).epsilon(0.01));
  CHECK(search_rules({.first_ratio = 3.0}, model::Schedule::parse("cosine"), 100).first_ratio == 3.0);
}

TEST_CASE("a search finds the valley wherever it lies, in less than a third of the stepsizes", "[np1]") {
  for (const double ratio : {4.0, 14.0}) {
    double cells = 0.0;
    for (const double best : fine_grid) {
      const SeedErrors errors = errors_by([&](double rho, std::int64_t) { return bound_ratio(rho / best); });
      const SearchCourse course = follow_search({.first_ratio = ratio}, fine_grid, errors);
      CAPTURE(ratio, best);
      CHECK(course.has_ended);
      CHECK(regret_of(errors, course) <= 0.05);
      cells += static_cast<double>(course.cells());
    }
    CHECK(cells / static_cast<double>(fine_grid.size() * fine_grid.size()) < 0.3);
  }
}

TEST_CASE("a search widens to the edge of the grid and finds where divergence begins", "[np1]") {
  const SearchRules rules{.first_ratio = 30.0};
  const auto found = [&](const std::function<double(double)>& formula) {
    const SeedErrors errors = errors_by([&](double rho, std::int64_t) { return formula(rho); });
    return follow_search(rules, fine_grid, errors).best;
  };
  CHECK(found([](double rho) { return rho; }) == 0);
  CHECK(found([](double rho) { return 1.0 / rho; }) == 40);
  for (const std::int64_t last : {1, 13, 27, 39})
    CHECK(found([&](double rho) { return rho > fine_grid[last] ? diverged : 1.0 / rho; }) == last);
  CHECK(found([](double rho) { return rho > fine_grid[0] ? diverged : 1.0; }) == 0);
}

TEST_CASE("a search in which everything diverges ends when it has visited the whole grid", "[np1]") {
  const SearchCourse course =
      follow_search({}, fine_grid, errors_by([](double, std::int64_t) { return diverged; }));
  CHECK(course.has_ended);
  CHECK(course.best == -1);
  CHECK(course.cells() == 41);
}

TEST_CASE("what seeds have in common needs no further seeds, what they do not does", "[np1]") {
  // A seed's error deviates from the bound ratio by up to 40 %. A deviation of the same sign at all ρ cancels
  // in the comparison of neighbouring ρ; one whose sign alternates along ρ adds up.
  const auto sign = [](double rho) { return std::lround(10.0 * std::log10(rho)) % 2 == 0 ? 1.0 : -1.0; };
  const auto wave = [](std::int64_t seed) { return 0.4 * std::sin(static_cast<double>(7 * seed + 1)); };
  const SeedErrors paired =
      errors_by([&](double rho, std::int64_t seed) { return bound_ratio(rho) * (1.0 + wave(seed)); }, 16);
  const SeedErrors unpaired = errors_by(
      [&](double rho, std::int64_t seed) { return bound_ratio(rho) * (1.0 + sign(rho) * wave(seed)); }, 16);
  const SearchCourse few = follow_search({}, fine_grid, paired);
  const SearchCourse many = follow_search({}, fine_grid, unpaired);
  CHECK(*std::max_element(few.seeds.begin(), few.seeds.end()) == 2);
  CHECK(*std::max_element(many.seeds.begin(), many.seeds.end()) > 2);
  CHECK(regret_of(paired, few) <= 0.05);
  CHECK(regret_of(unpaired, many) <= 0.05);
}

TEST_CASE("seeds are added until Student's t tells two stepsizes apart", "[np1]") {
  // Two neighbouring ρ are compared with a tolerance of log 1.05 = 0.0488. The differences of the first three
  // seeds have mean 0 and standard deviation 0.1, hence a standard error of 0.0577 and t = 0.845. At 2
  // degrees of freedom the probability below t is 1/2 + t/(2 √(2 + t²)) = 0.756.
  const std::vector<double> two{1.0, 2.0};
  SeedErrors errors{{1.0, 1.0, 1.0, 1.0, 1.0, 1.0}, {0.9, 1.0, 1.1, 1.0, 1.0, 1.0}};
  const std::vector<std::int64_t> three{3, 3};
  CHECK(next_seeds({.confidence = 0.75}, two, errors, three) == three);
  CHECK(next_seeds({.confidence = 0.77}, two, errors, three) == std::vector<std::int64_t>{6, 6});
  // All seeds of the grid are visited: nothing is left to do.
  const std::vector<std::int64_t> six{6, 6};
  CHECK(next_seeds({.confidence = 0.999}, two, errors, six) == six);
}

TEST_CASE("where a search stands does not depend on the order in which cells finish", "[np1]") {
  const SeedErrors full = errors_by(
      [](double rho, std::int64_t seed) {
        return bound_ratio(rho / 3.0) *
               (1.0 + 0.3 * std::sin(17.0 * std::log(rho) + 5.0 * static_cast<double>(seed)));
      },
      8);
  const SearchRules rules{.first_ratio = 14.0};
  const SearchCourse whole = follow_search(rules, fine_grid, full);
  for (std::uint32_t order = 1; order < 20; ++order) {
    // Cells finish one by one, in a different order each time, including cells that the search has not
    // requested.
    SeedErrors known(fine_grid.size(), std::vector<double>(8, unfinished));
    known[order] = full[order];
    SearchCourse course = follow_search(rules, fine_grid, known);
    std::uint32_t state = order;
    while (!course.has_ended) {
      std::vector<std::pair<std::int64_t, std::int64_t>> wanted;
      for (std::int64_t i = 0; i < std::ssize(fine_grid); ++i)
        for (std::int64_t s = 0; s < course.seeds[i]; ++s)
          if (std::isnan(known[i][s])) wanted.emplace_back(i, s);
      REQUIRE_FALSE(wanted.empty());
      state = state * 1664525U + 1013904223U;
      const auto [i, s] = wanted[state % wanted.size()];
      known[i][s] = full[i][s];
      course = follow_search(rules, fine_grid, known);
    }
    CHECK(course.seeds == whole.seeds);
    CHECK(course.best == whole.best);
  }
}

TEST_CASE("errors may be negative, and zero is the least", "[np1]") {
  // Errors may be negative, for example a negative log-likelihood. The tolerance is then relative to the
  // absolute value.
  const SeedErrors shifted = errors_by([](double rho, std::int64_t) { return bound_ratio(rho) - 3.0; });
  const SearchCourse course = follow_search({}, fine_grid, shifted);
  CHECK(shifted[course.best].front() <= -2.0 + 0.05 * 2.0);
  // Several ρ have an error of 0 (an accuracy of 1).
  const SeedErrors perfect =
      errors_by([](double rho, std::int64_t) { return rho > 0.1 && rho < 10.0 ? 0.0 : 0.5; });
  const SearchCourse found = follow_search({}, fine_grid, perfect);
  CHECK(perfect[found.best].front() == 0.0);
  CHECK(found.rounds == 1);
}

TEST_CASE("a search of a grid of one or two stepsizes runs them", "[np1]") {
  const std::vector<double> one{0.1};
  const SearchCourse alone = follow_search({}, one, {{2.0, 3.0}});
  CHECK(alone.has_ended);
  CHECK(alone.best == 0);
  const std::vector<double> two{0.1, 0.2};
  const SearchCourse both = follow_search({}, two, {{2.0, 3.0}, {1.0, 1.5}});
  CHECK(both.best == 1);
  CHECK(visited(both.seeds).size() == 2);
}
