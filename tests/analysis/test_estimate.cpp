#include "estimate.hpp"
#include "synthetic.hpp"

#include "rhosweep/analysis/statistic.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include <catch2/catch.hpp>

using namespace rhosweep;
using namespace rhosweep::analysis;

TEST_CASE("Student's quantiles are those of the tables", "[np1]") {
  // The quantiles are from Abramowitz and Stegun, table 26.10.
  CHECK(student_quantile(1) == Approx(12.706).epsilon(1e-4));
  CHECK(student_quantile(2) == Approx(4.303).epsilon(1e-4));
  CHECK(student_quantile(15) == Approx(2.131).epsilon(3e-4));
  CHECK(student_quantile(60) == Approx(2.000).epsilon(3e-4));
}

TEST_CASE("an interval is wider for few seeds, and stays open where resamples are unbounded", "[np1]") {
  std::vector<double> resampled;
  for (int i = 1; i <= 1999; ++i) resampled.push_back(i / 2000.0);  // 95 % lie between 0.025 and 0.975
  const double factor = 2.131 / 1.960 * std::sqrt(16.0 / 15.0);
  const Interval linear = seed_interval(resampled, 16, Scale::linear);
  CHECK(linear.low == Approx(0.5 - factor * 0.475).margin(5e-4));
  CHECK(linear.high == Approx(0.5 + factor * 0.475).epsilon(1e-3));
  const Interval logarithmic = seed_interval(resampled, 16, Scale::logarithmic);
  CHECK(logarithmic.low == Approx(0.5 * std::pow(0.05, factor)).epsilon(2e-3));
  CHECK(logarithmic.high == Approx(0.5 * std::pow(1.95, factor)).epsilon(1e-3));

  std::fill(resampled.end() - 100, resampled.end(), synthetic::diverged);
  CHECK(seed_interval(resampled, 16, Scale::logarithmic).high == synthetic::diverged);
  CHECK(seed_interval(resampled, 16, Scale::logarithmic).low == Approx(logarithmic.low));
  CHECK(std::isnan(seed_interval(resampled, 1, Scale::linear).low));
}

TEST_CASE("a ratio of two numbers is resampled in pairs", "[np1]") {
  std::vector<double> noise;
  for (int i = 1; i <= 199; ++i) noise.push_back(0.5 + i / 200.0);
  std::vector<double> doubled;
  for (const double x : noise) doubled.push_back(2.0 * x);
  const Estimate ratio = paired_ratio(estimate(2.0, doubled, 10, Scale::logarithmic),
                                      estimate(1.0, noise, 10, Scale::logarithmic), 10);
  CHECK(ratio.value == 2.0);
  CHECK(ratio.ci.low == Approx(2.0));
  CHECK(ratio.ci.high == Approx(2.0));
}

TEST_CASE("an interval that spans more than a factor of two is too wide to act on", "[np1]") {
  CHECK_FALSE(is_too_wide({.low = 3.0, .high = 5.9}));
  CHECK(is_too_wide({.low = 3.0, .high = 6.1}));
  CHECK(is_too_wide({.low = 3.0, .high = synthetic::diverged}));
  CHECK(is_too_wide({}));
}

TEST_CASE("statistics count a diverged seed as larger than any number", "[np1]") {
  const std::vector<double> values{4.0, 1.0, synthetic::diverged, 2.0, 3.0};
  const Statistic median{.kind = Statistic::Kind::quantile};
  CHECK(statistic_of({}, values) == synthetic::diverged);
  CHECK(statistic_of(median, values) == 3.0);
  // The quantile (type 7) interpolates between the order statistics at the index level · (n − 1).
  CHECK(statistic_of({Statistic::Kind::quantile, 0.6}, values) == Approx(3.4));
  CHECK(statistic_of({Statistic::Kind::quantile, 0.75}, values) == 4.0);
  CHECK(statistic_of({Statistic::Kind::quantile, 0.8}, values) == synthetic::diverged);
  CHECK(statistic_of({Statistic::Kind::quantile, 0.0}, values) == 1.0);
  // At each end, trimming leaves out none of five values and one of ten.
  CHECK(statistic_of({.kind = Statistic::Kind::trimmed}, values) == synthetic::diverged);
  CHECK(statistic_of({.kind = Statistic::Kind::trimmed},
                     std::vector{9., 1., 2., 3., 4., 5., 6., 7., 8., 1e9}) == Approx(5.5));
  CHECK(std::isnan(statistic_of(median, std::vector{1.0, synthetic::failed})));
}

TEST_CASE("a resampled statistic is that of the seeds that were drawn", "[np1]") {
  const std::int64_t seeds = 11;
  std::vector<double> costs;  // shape (seeds, 2)
  for (std::int64_t s = 0; s < seeds; ++s) {
    costs.push_back(std::sin(static_cast<double>(7 * s)));
    costs.push_back(s == 3 ? synthetic::diverged : static_cast<double>(s * s % 13));
  }
  const Bootstrap bootstrap(synthetic::seeds(seeds), 60);
  const auto counts = bootstrap.draw(0, 60);
  for (const Statistic statistic :
       {Statistic{}, Statistic{Statistic::Kind::quantile, 0.5}, Statistic{Statistic::Kind::quantile, 0.33},
        Statistic{.kind = Statistic::Kind::trimmed}}) {
    const auto found = resampled_statistic(statistic, costs, 2, bootstrap);
    REQUIRE(std::ssize(found) == 120);
    for (std::int64_t i = 0; i < 120; ++i) {
      std::vector<double> drawn;
      for (std::int64_t s = 0; s < seeds; ++s)
        drawn.insert(drawn.end(), counts[i / 2 * seeds + s], costs[s * 2 + i % 2]);
      CHECK(found[i] == Approx(statistic_of(statistic, drawn)).margin(1e-12));
    }
  }
}

TEST_CASE("a column that lacks a seed's value has no statistic in any resample", "[np1]") {
  // All resamples lack the statistic, although only 67 % of them draw the seed that has no value.
  std::vector<double> costs;  // shape (seeds, 2)
  for (int s = 0; s < 5; ++s) costs.insert(costs.end(), {1.0 + s, s == 2 ? synthetic::failed : 1.0});
  const Bootstrap bootstrap(synthetic::seeds(5), 60);
  for (const Statistic statistic : {Statistic{}, Statistic{Statistic::Kind::quantile, 0.5},
                                    Statistic{.kind = Statistic::Kind::trimmed}}) {
    const auto found = resampled_statistic(statistic, costs, 2, bootstrap);
    for (std::size_t i = 0; i < found.size(); ++i) CHECK(std::isnan(found[i]) == (i % 2 == 1));
  }
}

TEST_CASE("two seeds carry no interval, and neither do resamples of which one seed decides", "[np1]") {
  std::vector<double> resampled;
  for (int i = 1; i <= 1999; ++i) resampled.push_back(1.0 + i / 2000.0);
  CHECK(std::isnan(seed_interval(resampled, 2, Scale::linear).low));
  CHECK(std::isfinite(seed_interval(resampled, 3, Scale::linear).low));
  // One of 16 seeds costs 1e8, the others about 1. A resample's mean depends on how often it draws this
  // seed, so this seed decides; a median does not depend on it.
  const std::int64_t seeds = 16;
  std::vector<double> costs(seeds, 1.0);
  costs[5] = 1e8;
  const Bootstrap bootstrap(synthetic::seeds(seeds), 1999);
  const auto means = resampled_statistic({}, costs, 1, bootstrap);
  for (const Scale scale : {Scale::linear, Scale::logarithmic})
    CHECK(std::isnan(seed_interval(means, seeds, scale).low));
  const auto medians = resampled_statistic({Statistic::Kind::quantile, 0.5}, costs, 1, bootstrap);
  CHECK(seed_interval(medians, seeds, Scale::logarithmic).low == 1.0);
  // A seed that costs 3 times as much as the others does not decide the interval.
  costs[5] = 3.0;
  const Interval found =
      seed_interval(resampled_statistic({}, costs, 1, bootstrap), seeds, Scale::logarithmic);
  CHECK(found.low < 1.125);
  CHECK(found.high > 1.125);
}

TEST_CASE("where more than half of the resamples are unbounded, the lower end is still moved outwards",
          "[np1]") {
  std::vector<double> resampled(1999, synthetic::diverged);
  for (int i = 0; i < 800; ++i) resampled[i] = 1.0 + i / 800.0;
  const Interval found = seed_interval(resampled, 16, Scale::linear);
  // The lower percentile is the 50th resample, 1 + 49/800. The median is infinite, so the largest finite
  // resample, 1 + 799/800, replaces it.
  const double factor = 2.131 / 1.960 * std::sqrt(16.0 / 15.0);
  CHECK(found.low == Approx(1.0 + 799.0 / 800.0 - factor * 750.0 / 800.0).epsilon(1e-3));
  CHECK(found.high == synthetic::diverged);
}
