#include "synthetic.hpp"

#include "rhosweep/analysis/bootstrap.hpp"
#include "rhosweep/core/random.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>
#include <vector>

#include <catch2/catch.hpp>

using namespace rhosweep;
using analysis::Bootstrap;

TEST_CASE("every resample draws as many seeds as there are, each equally often", "[np1]") {
  const std::int64_t seeds = 50;
  const std::int64_t resamples = 4000;
  const auto counts = Bootstrap(synthetic::seeds(seeds), resamples).draw(0, resamples);
  std::vector<double> totals(seeds, 0.0);
  double not_drawn = 0.0;
  for (std::int64_t b = 0; b < resamples; ++b) {
    const auto begin = counts.begin() + b * seeds;
    REQUIRE(std::accumulate(begin, begin + seeds, 0) == seeds);
    for (std::int64_t s = 0; s < seeds; ++s) totals[s] += begin[s];
    not_drawn += static_cast<double>(std::count(begin, begin + seeds, 0));
  }
  // The counts are multinomial: each seed's total over the resamples has mean 4000 and standard deviation
  // 62.6. A resample lacks a given seed with probability (1 − 1/50)^50.
  for (const double total : totals) CHECK(std::abs(total - resamples) < 4.5 * 62.6);
  CHECK(not_drawn / (seeds * resamples) == Approx(std::pow(0.98, 50)).epsilon(0.01));
}

TEST_CASE("resamples do not depend on how many are drawn at once", "[np1]") {
  const Bootstrap bootstrap(synthetic::seeds(7), 100);
  const auto all = bootstrap.draw(0, 100);
  const auto some = bootstrap.draw(40, 10);
  CHECK(std::equal(some.begin(), some.end(), all.begin() + 40 * 7));
}

TEST_CASE("the percentile interval takes the order statistics of rank (B + 1)/40", "[np1]") {
  std::vector<double> values(1999);
  std::iota(values.begin(), values.end(), 1.0);
  std::shuffle(values.begin(), values.end(), std::minstd_rand(1));
  const auto interval = analysis::percentile_interval(values);
  CHECK(interval.low == 50.0);
  CHECK(interval.high == 1950.0);
  const auto least = analysis::percentile_interval(std::vector<double>(values.begin(), values.begin() + 39));
  CHECK(least.low == *std::min_element(values.begin(), values.begin() + 39));
  CHECK(std::isnan(analysis::percentile_interval({1.0, 2.0}).low));
  values[7] = std::numeric_limits<double>::quiet_NaN();
  CHECK(std::isnan(analysis::percentile_interval(values).high));
}

TEST_CASE("intervals cover the true mean about as often as they say", "[np1]") {
  // The percentile interval of the mean of 40 normal numbers is too narrow: it lacks the factor sqrt(40/39)
  // and Student's quantile. It covers the mean with probability P(|t_39| < 1.96 sqrt(39/40)) = 0.940.
  const std::int64_t seeds = 40;
  const std::int64_t repetitions = 1500;
  const std::int64_t resamples = 399;
  const auto counts = Bootstrap(synthetic::seeds(seeds), resamples).draw(0, resamples);
  std::int64_t covered = 0;
  for (std::int64_t repetition = 0; repetition < repetitions; ++repetition) {
    const core::RandomStream stream(repetition, core::Purpose::features);
    std::vector<double> sample;
    for (std::int64_t s = 0; s < seeds; ++s) sample.push_back(stream.normal_pair(s, 0).first);
    std::vector<double> means;
    for (std::int64_t b = 0; b < resamples; ++b) {
      double sum = 0.0;
      for (std::int64_t s = 0; s < seeds; ++s) sum += counts[b * seeds + s] * sample[s];
      means.push_back(sum / static_cast<double>(seeds));
    }
    const auto interval = analysis::percentile_interval(std::move(means));
    covered += interval.low <= 0.0 && 0.0 <= interval.high ? 1 : 0;
  }
  // The standard deviation of the covered share is 0.0061. All repetitions share one set of 399 resamples,
  // whose quantiles add an error of about 0.01.
  CHECK(static_cast<double>(covered) / repetitions == Approx(0.940).margin(0.03));
}

TEST_CASE("intervals of exponents cover the true one", "[np1]") {
  // The error is rho^0.5 times noise of mean 1 that is independent for every seed and rho. There are 60
  // curves, each with a fit over 14 rho. If 95 % of all intervals cover the exponent, the share of 60
  // intervals has a standard deviation of 0.03.
  synthetic::Sweep sweep;
  sweep.seeds = synthetic::seeds(40);
  sweep.schedules = {"constant", "linear", "cosine"};
  sweep.rhos = synthetic::geometric(1.0, 100.0, 21);
  std::int64_t covered = 0;
  for (std::int64_t repetition = 0; repetition < 20; ++repetition) {
    const auto file =
        synthetic::make_file(sweep, [&](auto, std::int64_t seed, std::int64_t schedule, double rho) {
          const core::RandomStream stream(repetition, core::Purpose::labels);
          const auto lane = static_cast<std::uint32_t>(std::lround(10.0 * std::log10(rho)) * 3 + schedule);
          return std::sqrt(rho) * (0.6 + 0.8 * stream.uniform(seed, lane)) * (rho == 1.0 ? 0.5 : 1.0);
        });
    for (const auto& found : analysis::Analyser(file, synthetic::with_resamples(399)).group(0).schedules) {
      REQUIRE(found.naive_best_rho == 1.0);
      covered += found.exponent_ci.low <= 0.5 && 0.5 <= found.exponent_ci.high ? 1 : 0;
    }
  }
  CHECK(static_cast<double>(covered) / 60.0 >= 0.95 - 3 * 0.03);
}

TEST_CASE("intervals are those of the means over the seeds that each resample draws", "[np1]") {
  // There are more seeds and rho than any tile of the matrix product holds, and their numbers are no
  // multiples of the tile size. At the largest rho two seeds have diverged, so some resamples draw no
  // diverged seed. At the second largest rho all seeds but one have diverged.
  synthetic::Sweep sweep;
  sweep.seeds = synthetic::seeds(300);
  sweep.schedules = {"constant"};
  sweep.rhos = synthetic::geometric(1.0, 100.0, 21);
  const auto value = [&](auto, std::int64_t seed, auto, double rho) {
    if (rho == sweep.rhos[20] && seed % 150 == 7) return synthetic::diverged;
    if (rho == sweep.rhos[19] && seed != 7) return synthetic::diverged;
    return rho + core::RandomStream(seed, core::Purpose::labels).uniform(std::llround(1e6 * rho), 0);
  };
  const std::int64_t resamples = 399;
  const auto counts = Bootstrap(sweep.seeds, resamples).draw(0, resamples);
  const auto file = synthetic::make_file(sweep, value);
  const auto group = analysis::Analyser(file, synthetic::with_resamples(resamples)).group(0);
  const auto& curve = group.schedules[0].curve;
  REQUIRE(curve.size() == sweep.rhos.size());
  for (const analysis::CurvePoint& point : curve) {
    std::vector<double> means;
    for (std::int64_t b = 0; b < resamples; ++b) {
      double sum = 0.0;
      for (std::int64_t s = 0; s < 300; ++s) {
        const double times = counts[b * 300 + s];
        if (times > 0) sum += times * value(0, s, 0, point.rho);
      }
      means.push_back(sum / 300.0);
    }
    // Student's t quantile at 299 degrees of freedom, divided by the normal quantile (both from SciPy), times
    // the square root of the variance's factor n/(n - 1).
    const double widening = 1.9679296690653618 / 1.959963984540054 * std::sqrt(300.0 / 299.0);
    const auto middle = analysis::percentile_interval(means);
    std::nth_element(means.begin(), means.begin() + resamples / 2, means.end());
    double median = means[resamples / 2];
    // If the median is infinite, the largest finite mean is used instead.
    if (std::isinf(median))
      for (const double mean : means)
        if (std::isfinite(mean)) median = std::isinf(median) ? mean : std::max(median, mean);
    const auto moved = [&](double end) { return std::isinf(end) ? end : median + widening * (end - median); };
    if (std::isinf(middle.low))
      CHECK(point.ci.low == middle.low);
    else
      CHECK(point.ci.low == Approx(moved(middle.low)).epsilon(1e-9));
    if (std::isinf(middle.high))
      CHECK(point.ci.high == middle.high);
    else
      CHECK(point.ci.high == Approx(moved(middle.high)).epsilon(1e-9));
  }
  CHECK(std::isfinite(curve[20].ci.low));
  CHECK(std::isinf(curve[20].ci.high));
  CHECK(std::isinf(curve[19].ci.low));
}
