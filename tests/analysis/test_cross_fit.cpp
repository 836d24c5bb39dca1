#include "cross_fit.hpp"
#include "estimate.hpp"
#include "judge_valley.hpp"
#include "synthetic.hpp"

#include "rhosweep/analysis/statistic.hpp"
#include "rhosweep/core/random.hpp"

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace rhosweep;
using namespace rhosweep::analysis;

namespace {

constexpr std::int64_t seeds = 16;
const std::vector<double> rhos = synthetic::geometric(0.01, 100.0, 41);
constexpr std::int64_t optimum = 20;  ///< index of ρ = 1

const std::string few_decide = "one seed or a few decide the estimate on other seeds";

/// Returns costs, shape (seeds, ρ): (ρ + 1/ρ)/2 times lognormal noise of mean 1, independent between trials.
std::vector<double> draw(double noise, std::int64_t replication) {
  const core::RandomStream stream(replication, core::Purpose::noise);
  std::vector<double> costs;
  for (std::int64_t s = 0; s < seeds; ++s)
    for (std::int64_t i = 0; i < std::ssize(rhos); ++i)
      costs.push_back(
          0.5 * (rhos[i] + 1.0 / rhos[i]) *
          std::exp(noise * stream.normal_pair(i, static_cast<std::uint32_t>(s)).first - 0.5 * noise * noise));
  return costs;
}

/// Checks that the estimate of the best error lies within its interval, or that there is no estimate.
void check_best(const std::vector<double>& costs, const Statistic& statistic) {
  const std::vector<std::vector<double>> members{costs};
  const auto ids = synthetic::seeds(seeds);
  for (const Rounding rounding : {Rounding::none, Rounding::possible}) {
    const HonestBest best = honest_best(rhos, members, ids, statistic, Bootstrap(ids, 399), rounding);
    INFO(name_of(statistic) << ": " << best.error.value << " [" << best.error.ci.low << ", "
                            << best.error.ci.high << "] " << best.reason);
    if (!best.reason.empty()) {
      CHECK(best.reason == few_decide);
      continue;
    }
    CHECK(best.error.ci.low > 0.0);
    CHECK(best.error.ci.low <= best.error.value);
    CHECK(best.error.ci.high >= best.error.value);
    CHECK(std::isfinite(best.error.ci.high));
  }
}

const std::vector<Statistic> statistics{
    {}, {.kind = Statistic::Kind::trimmed}, {.kind = Statistic::Kind::quantile, .level = 0.5}};

}  // namespace

TEST_CASE("of heavy-tailed costs the honest best is positive and within its interval", "[np1]") {
  for (std::int64_t replication = 0; replication < 15; ++replication)
    for (const Statistic& statistic : statistics) check_best(draw(2.0, replication), statistic);
}

TEST_CASE("one outlier near the optimum leaves the honest best positive and within its interval", "[np1]") {
  // The smooth model has negative weights at the edge of its window, four or more steps from the centre. So
  // an outlier there could make the estimate negative.
  for (const std::int64_t distance : {-5, -4, -3, 0, 3, 4, 5})
    for (const Statistic& statistic : statistics) {
      std::vector<double> costs = draw(0.1, 0);
      costs[5 * std::ssize(rhos) + optimum + distance] *= 1000.0;
      check_best(costs, statistic);
    }
}

TEST_CASE("where one outlier decides the honest best there is none, and of the median there is one",
          "[np1]") {
  const auto ids = synthetic::seeds(seeds);
  const Bootstrap bootstrap(ids, 399);
  const auto best_of = [&](const std::vector<double>& costs, const Statistic& statistic) {
    return honest_best(rhos, std::vector<std::vector<double>>{costs}, ids, statistic, bootstrap);
  };
  std::vector<double> costs = draw(0.1, 0);
  CHECK(best_of(costs, {}).reason.empty());
  // Without the outlier the estimate is 1 with a standard error of about 0.1/√16. The outlier decides the
  // mean, so there is no estimate of the mean; the median is robust.
  for (const std::int64_t distance : {-5, -4, 0}) {
    std::vector<double> spoilt = costs;
    spoilt[5 * std::ssize(rhos) + optimum + distance] *= 1000.0;
    CHECK(best_of(spoilt, {}).reason == few_decide);
    const HonestBest median = best_of(spoilt, {.kind = Statistic::Kind::quantile, .level = 0.5});
    CHECK(median.reason.empty());
    CHECK(median.error.value == Approx(1.0).epsilon(0.1));
  }
}

TEST_CASE("without noise the honest best is the least of the worst member", "[np1]") {
  const auto near = synthetic::geometric(0.1, 10.0, 21);
  const std::int64_t few = 5;
  // With x = log ρ, log e is x² + x/2 for the first member and x² − x/2 for the second. The larger one is
  // x² + |x|/2, whose kink is on a grid point. The first member alone has the least error exp(−1/16), at
  // x = −1/4.
  std::vector<std::vector<double>> members(2);
  for (int m = 0; m < 2; ++m)
    for (std::int64_t s = 0; s < few; ++s)
      for (const double rho : near) {
        const double x = std::log(rho);
        members[m].push_back(std::exp(x * x + (m == 0 ? 0.5 : -0.5) * x));
      }
  const Bootstrap bootstrap(synthetic::seeds(few), 39);
  const auto ids = synthetic::seeds(few);
  const HonestBest one = honest_best(near, std::span(members).first(1), ids, {}, bootstrap);
  REQUIRE(one.reason.empty());
  CHECK(one.rho == Approx(std::exp(-0.25)).epsilon(1e-6));
  CHECK(one.error.value == Approx(std::exp(-1.0 / 16.0)).epsilon(1e-6));
  CHECK(one.error.ci.low == Approx(one.error.value));
  for (const Statistic statistic : {Statistic{}, Statistic{Statistic::Kind::quantile, 0.5}}) {
    const HonestBest both = honest_best(near, members, ids, statistic, bootstrap);
    REQUIRE(both.reason.empty());
    // Each member is a parabola in log–log, which the model reproduces exactly. So it also reproduces the
    // kink where the members cross.
    CHECK(both.rho == Approx(1.0).epsilon(1e-6));
    CHECK(both.error.value == Approx(1.0).epsilon(1e-6));
    CHECK(both.error.ci.low == Approx(both.error.value));
  }
  CHECK_FALSE(
      honest_best(near, std::span(members).first(1), synthetic::seeds(1), {}, bootstrap).reason.empty());
}
