#include "cross_fit.hpp"
#include "judge_valley.hpp"
#include "synthetic.hpp"

#include "rhosweep/analysis/statistic.hpp"
#include "rhosweep/core/random.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include <catch2/catch.hpp>

using namespace rhosweep;
using namespace rhosweep::analysis;

namespace {

/// The asymptotic bound ratio of (1 − u)^p; p = 0 is a fixed stepsize. It is (ρ + 1/ρ)/2 up to
/// √((p+1)/p), then C ρ^(1/(2p+1)) with C = (2p+1)/(2(p+1)) ((p+1)/p)^(p/(2p+1)). Its least value is 1 at ρ
/// = 1.
struct BoundRatio {
  double p = 0.0;

  double constant() const { return (2 * p + 1) / (2 * (p + 1)) * std::pow((p + 1) / p, p / (2 * p + 1)); }
  double operator()(double rho) const {
    if (p == 0.0 || rho < std::sqrt((p + 1) / p)) return 0.5 * (rho + 1.0 / rho);
    return constant() * std::pow(rho, 1.0 / (2 * p + 1));
  }
  /// The ratio of the two ρ at which the bound ratio is `level`, where the upper one lies in the second
  /// branch.
  double crossing(double level) const {
    const double root = std::sqrt(level * level - 1.0);
    const double above = p == 0.0 ? level + root : std::pow(level / constant(), 2 * p + 1);
    return above / (level - root);
  }
};

constexpr std::int64_t points = 41;
/// Standard deviation of log e of one trial: relative noise of 42 %.
constexpr double noise = 0.4;

/// Returns costs, (seeds, ρ): the curve times lognormal noise of mean 1. Half of the variance of its
/// logarithm is common to all ρ of a seed.
std::vector<double> draw_costs(const std::vector<double>& rhos, const BoundRatio& curve, std::int64_t seeds,
                               std::int64_t replication) {
  const core::RandomStream stream(replication, core::Purpose::noise);
  const double part = noise / std::sqrt(2.0);
  std::vector<double> costs;
  for (std::int64_t s = 0; s < seeds; ++s) {
    const auto lane = static_cast<std::uint32_t>(s);
    const double shared = stream.normal_pair(points, lane).first;
    for (std::int64_t i = 0; i < std::ssize(rhos); ++i)
      costs.push_back(curve(rhos[i]) *
                      std::exp(part * (shared + stream.normal_pair(i, lane).first) - 0.5 * noise * noise));
  }
  return costs;
}

std::vector<double> mean_curve(const std::vector<double>& costs, std::int64_t seeds) {
  const std::int64_t rhos = std::ssize(costs) / seeds;
  std::vector<double> means(rhos, 0.0);
  for (std::size_t k = 0; k < costs.size(); ++k) means[k % rhos] += costs[k] / static_cast<double>(seeds);
  return means;
}

bool covers(const Interval& interval, double value) {
  return interval.low <= value && value <= interval.high;
}

/// Shares and means over the replications.
struct Outcome {
  double square_error = 0.0;  ///< of the crossing ratio over the true one, minus 1
  double covered = 0.0;
};

const std::vector<double> tolerances{0.1, 0.5, 1.0};

void simulate(const BoundRatio& curve, std::int64_t seeds, std::int64_t replications) {
  const auto rhos = synthetic::geometric(0.01, 100.0, points);
  const auto ids = synthetic::seeds(seeds);
  const Bootstrap bootstrap(ids, 199);
  std::vector<Outcome> crossings(tolerances.size());
  double bias = 0.0;
  double best_covered = 0.0;
  const double share = 1.0 / static_cast<double>(replications);
  for (std::int64_t r = 0; r < replications; ++r) {
    const std::vector<std::vector<double>> costs{draw_costs(rhos, curve, seeds, r)};
    const ValleyAnswer answer = judge_valley(
        rhos, {mean_curve(costs[0], seeds), resampled_statistic({}, costs[0], points, bootstrap)}, seeds,
        {.ratios = {}, .tolerances = tolerances});
    for (std::size_t k = 0; k < tolerances.size(); ++k) {
      const double truth = curve.crossing(1.0 + tolerances[k]);
      const Estimate& found = answer.advice[k].ratio;
      const double off = found.value / truth - 1.0;
      if (std::isnan(off)) UNSCOPED_INFO("replication " << r << ": " << answer.advice[k].reason);
      crossings[k].square_error += share * off * off;
      crossings[k].covered += covers(found.ci, truth) ? share : 0.0;
    }
    const HonestBest best = honest_best(rhos, costs, ids, {}, bootstrap);
    bias += share * (best.error.value - 1.0);
    best_covered += covers(best.error.ci, 1.0) ? share : 0.0;
  }
  for (std::size_t k = 0; k < tolerances.size(); ++k) {
    INFO("tolerance " << tolerances[k] << ", " << seeds << " seeds: true ratio "
                      << curve.crossing(1.0 + tolerances[k]) << ", root mean square error "
                      << std::sqrt(crossings[k].square_error) << ", covered " << crossings[k].covered);
    CHECK(crossings[k].covered >= 0.9);
    if (seeds >= 50) CHECK(std::sqrt(crossings[k].square_error) <= 0.25);
  }
  INFO("best: bias " << bias << ", covered " << best_covered);
  CHECK(std::abs(bias) <= 0.02);
  CHECK(best_covered >= 0.9);
}

/// Every number of the first that the second shows, too, lies within the second's interval or the reverse.
void check_compatible(const Estimate& whole, const Estimate& cut) {
  if (std::isnan(cut.value)) return;
  REQUIRE(std::isfinite(whole.value));
  CHECK(covers(whole.ci, cut.value));
  CHECK(covers(cut.ci, whole.value));
}

}  // namespace

TEST_CASE("a fixed stepsize's valley: crossing ratios and the best lie within their intervals", "[np1]") {
  CHECK(BoundRatio{}.crossing(2.0) == Approx(std::pow(2.0 + std::sqrt(3.0), 2.0)));
  simulate(BoundRatio{}, 16, 150);
}

TEST_CASE("a fixed stepsize's valley, 50 seeds: crossing ratios and the best are exact enough", "[np1]") {
  simulate(BoundRatio{}, 50, 150);
}

TEST_CASE("a cosine's valley: crossing ratios and the best lie within their intervals", "[np1]") {
  const BoundRatio cosine{.p = 2.0};
  CHECK(cosine(cosine.crossing(2.0) * (2.0 - std::sqrt(3.0))) == Approx(2.0));
  simulate(cosine, 16, 150);
}

TEST_CASE("a cosine's valley, 50 seeds: crossing ratios and the best are exact enough", "[np1]") {
  simulate(BoundRatio{.p = 2.0}, 50, 150);
}

TEST_CASE("cutting a sweep's range changes no number that it still shows by more than its interval",
          "[np1]") {
  const std::int64_t seeds = 50;
  const auto rhos = synthetic::geometric(0.01, 100.0, points);
  const Bootstrap bootstrap(synthetic::seeds(seeds), 199);
  const GridQuestion question{.ratios = {1.5, 3.0, 10.0, 50.0}, .tolerances = tolerances};
  std::int64_t shown = 0;
  std::int64_t hidden = 0;
  for (const BoundRatio curve : {BoundRatio{}, BoundRatio{.p = 1.0}, BoundRatio{.p = 2.0}}) {
    const auto costs = draw_costs(rhos, curve, seeds, 1);
    const auto answer_for = [&](std::int64_t first, std::int64_t last) {
      std::vector<double> part;
      for (std::size_t k = 0; k < costs.size(); ++k)
        if (const auto i = static_cast<std::int64_t>(k % points); i >= first && i <= last)
          part.push_back(costs[k]);
      return judge_valley(
          std::span(rhos).subspan(first, last - first + 1),
          {mean_curve(part, seeds), resampled_statistic({}, part, last - first + 1, bootstrap)}, seeds,
          question);
    };
    const ValleyAnswer whole = answer_for(0, points - 1);
    for (std::int64_t last = points - 2; last >= 22; --last) {
      for (const std::int64_t first : {0, 10, 16}) {
        INFO("p = " << curve.p << ", rho from " << rhos[first] << " to " << rhos[last]);
        const ValleyAnswer cut = answer_for(first, last);
        check_compatible(whole.rho, cut.rho);
        check_compatible(whole.least, cut.least);
        for (std::size_t k = 0; k < question.ratios.size(); ++k) {
          check_compatible(whole.grids[k].worst, cut.grids[k].worst);
          check_compatible(whole.grids[k].mean, cut.grids[k].mean);
          check_compatible(whole.grids[k].worst_error, cut.grids[k].worst_error);
          ++(cut.grids[k].reason.empty() ? shown : hidden);
        }
        for (std::size_t k = 0; k < tolerances.size(); ++k) {
          check_compatible(whole.advice[k].ratio, cut.advice[k].ratio);
          check_compatible(whole.advice[k].mean_ratio, cut.advice[k].mean_ratio);
          ++(cut.advice[k].reason.empty() ? shown : hidden);
        }
      }
    }
  }
  CHECK(shown > 0);
  CHECK(hidden > 0);
}
