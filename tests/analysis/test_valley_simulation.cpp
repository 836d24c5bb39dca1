#include "cross_fit.hpp"
#include "judge_valley.hpp"
#include "synthetic.hpp"

#include "rhosweep/analysis/statistic.hpp"
#include "rhosweep/core/random.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <vector>

#include <catch2/catch.hpp>

using namespace rhosweep;
using namespace rhosweep::analysis;

namespace {

/// The asymptotic bound ratio of the schedule (1 − u)^p, where p = 0 is a fixed stepsize. It is (ρ + 1/ρ)/2
/// up to ρ = √((p+1)/p). Above, it is C ρ^(1/(2p+1)) with C = (2p+1)/(2(p+1)) ((p+1)/p)^(p/(2p+1)). Its least
/// value is 1, at ρ = 1.
struct BoundRatio {
  double p = 0.0;

  double constant() const { return (2 * p + 1) / (2 * (p + 1)) * std::pow((p + 1) / p, p / (2 * p + 1)); }
  double operator()(double rho) const {
    if (p == 0.0 || rho < std::sqrt((p + 1) / p)) return 0.5 * (rho + 1.0 / rho);
    return constant() * std::pow(rho, 1.0 / (2 * p + 1));
  }
  /// Returns the upper over the lower of the two ρ at which the bound ratio is `level`. If p > 0, the upper ρ
  /// must be above √((p+1)/p).
  double crossing(double level) const {
    const double root = std::sqrt(level * level - 1.0);
    const double above = p == 0.0 ? level + root : std::pow(level / constant(), 2 * p + 1);
    return above / (level - root);
  }
};

constexpr std::int64_t points = 41;

/// A simulated curve: at every ρ the largest of the members' errors, times lognormal noise. Without noise its
/// least value is 1, at ρ = 1.
struct Scenario {
  std::vector<std::function<double(double)>> members;  ///< errors as functions of ρ; at most two
  std::function<double(double)> crossing;  ///< ratio of the two ρ whose true error is the argument
  double noise = 0.4;                      ///< standard deviation of log e; 0.4 is 42 % relative noise
  bool is_rounded_off = false;  ///< whether a smooth fit rounds off the minimum of e, and is biased

  double error(double rho) const {
    double worst = 0.0;
    for (const auto& member : members) worst = std::max(worst, member(rho));
    return worst;
  }
};

Scenario smooth(const BoundRatio& curve) {
  return {.members = {curve}, .crossing = [curve](double level) { return curve.crossing(level); }};
}

/// Returns a family with the members ρ and 1/ρ, whose optimum is at ρ = 1. The two best points of the worst
/// grid of ratio g are √g and 1/√g.
Scenario family_of_two(double noise) {
  return {.members = {[](double rho) { return rho; }, [](double rho) { return 1.0 / rho; }},
          .crossing = [](double level) { return level * level; },
          .noise = noise};
}

/// Returns a single curve, max(ρ, 1/ρ).
Scenario kink(double noise) {
  return {.members = {[](double rho) { return std::max(rho, 1.0 / rho); }},
          .crossing = [](double level) { return level * level; },
          .noise = noise,
          .is_rounded_off = true};
}

/// Returns costs, shape (seeds, ρ), for each member: the curve times noise of mean 1. Half of the noise's
/// variance is common to all ρ and members of a seed.
std::vector<std::vector<double>> draw_costs(const std::vector<double>& rhos, const Scenario& scenario,
                                            std::int64_t seeds, std::int64_t replication) {
  const core::RandomStream stream(replication, core::Purpose::noise);
  const double part = scenario.noise / std::sqrt(2.0);
  std::vector<std::vector<double>> costs(scenario.members.size());
  for (std::int64_t s = 0; s < seeds; ++s) {
    const auto lane = static_cast<std::uint32_t>(s);
    const double shared = stream.normal_pair(points, lane).first;
    for (std::int64_t i = 0; i < std::ssize(rhos); ++i) {
      const auto own = stream.normal_pair(i, lane);
      for (std::size_t m = 0; m < costs.size(); ++m)
        costs[m].push_back(scenario.members[m](rhos[i]) *
                           std::exp(part * (shared + (m == 0 ? own.first : own.second)) -
                                    0.5 * scenario.noise * scenario.noise));
    }
  }
  return costs;
}

/// The mean error of each member over the seeds, and its mean over the seeds that each resample draws.
struct Curves {
  std::vector<double> errors{};     ///< shape (members, ρ)
  std::vector<double> resampled{};  ///< shape (resamples, members, ρ)

  Curves(const std::vector<std::vector<double>>& costs, std::int64_t rhos, const Bootstrap& bootstrap) {
    std::vector<std::vector<double>> again;
    for (const std::vector<double>& member : costs) {
      const auto seeds = static_cast<double>(std::ssize(member) / rhos);
      std::vector<double> means(rhos, 0.0);
      for (std::size_t k = 0; k < member.size(); ++k) means[k % rhos] += member[k] / seeds;
      errors.insert(errors.end(), means.begin(), means.end());
      again.push_back(resampled_statistic({}, member, rhos, bootstrap));
    }
    for (std::int64_t b = 0; b < bootstrap.resamples(); ++b)
      for (const std::vector<double>& member : again)
        resampled.insert(resampled.end(), member.begin() + b * rhos, member.begin() + (b + 1) * rhos);
  }
  operator ResampledCurve() const { return {errors, resampled}; }
};

bool covers(const Interval& interval, double value) {
  return interval.low <= value && value <= interval.high;
}

/// Averages over the replications: the share with an estimate, the mean square error of the estimate, and the
/// share whose interval covers the truth.
struct Outcome {
  double shown = 0.0;
  double square_error = 0.0;  ///< mean of (estimated grid ratio / true grid ratio − 1)²
  double covered = 0.0;
};

const std::vector<double> tolerances{0.1, 0.5, 1.0};
const std::vector<double> factors{0.5, 2.0, 4.0, 16.0};

void simulate(const Scenario& scenario, std::int64_t seeds, std::int64_t replications) {
  const auto rhos = synthetic::geometric(0.01, 100.0, points);
  const auto ids = synthetic::seeds(seeds);
  const Bootstrap bootstrap(ids, 199);
  std::vector<Outcome> crossings(tolerances.size());
  std::vector<Outcome> costs_at(factors.size());
  double bias = 0.0;
  double best_covered = 0.0;
  const double share = 1.0 / static_cast<double>(replications);
  for (std::int64_t r = 0; r < replications; ++r) {
    const auto costs = draw_costs(rhos, scenario, seeds, r);
    const Curves curves(costs, points, bootstrap);
    const ValleyAnswer answer =
        judge_valley(rhos, curves, seeds, {.tolerances = tolerances, .factors = factors});
    for (std::size_t k = 0; k < tolerances.size(); ++k) {
      const double truth = scenario.crossing(1.0 + tolerances[k]);
      const Estimate& found = answer.advice[k].ratio;
      if (std::isnan(found.value)) continue;
      const double off = found.value / truth - 1.0;
      crossings[k].shown += share;
      crossings[k].square_error += share * off * off;
      crossings[k].covered += covers(found.ci, truth) ? share : 0.0;
    }
    for (std::size_t k = 0; k < factors.size(); ++k) {
      if (std::isnan(answer.costs[k].ci.low)) continue;
      costs_at[k].shown += share;
      costs_at[k].covered += covers(answer.costs[k].ci, scenario.error(factors[k])) ? share : 0.0;
    }
    const HonestBest best = honest_best(rhos, costs, ids, {}, bootstrap, answer.rounding);
    bias += share * (best.error.value - 1.0);
    best_covered += covers(best.error.ci, 1.0) ? share : 0.0;
  }
  for (std::size_t k = 0; k < tolerances.size(); ++k) {
    INFO("noise " << scenario.noise << ", tolerance " << tolerances[k] << ", " << seeds
                  << " seeds: true ratio " << scenario.crossing(1.0 + tolerances[k]) << ", shown "
                  << crossings[k].shown << ", mean square error " << crossings[k].square_error << ", covered "
                  << crossings[k].covered);
    CHECK(crossings[k].covered >= 0.9 * crossings[k].shown);
    if (scenario.is_rounded_off) continue;
    CHECK(crossings[k].shown == Approx(1.0));
    if (seeds >= 50) CHECK(std::sqrt(crossings[k].square_error) <= 0.25);
  }
  for (std::size_t k = 0; k < factors.size(); ++k) {
    INFO("noise " << scenario.noise << ", " << seeds << " seeds, cost at a factor of " << factors[k]
                  << ": shown " << costs_at[k].shown << ", covered " << costs_at[k].covered);
    CHECK(costs_at[k].covered >= 0.9 * costs_at[k].shown);
    if (!scenario.is_rounded_off) CHECK(costs_at[k].shown >= 0.9);
  }
  INFO("noise " << scenario.noise << ", " << seeds << " seeds, best: bias " << bias << ", covered "
                << best_covered);
  CHECK(best_covered >= 0.9);
  if (!scenario.is_rounded_off) CHECK(std::abs(bias) <= 0.02);
}

/// Checks an estimate from a whole sweep and the same estimate from a part of this sweep: each must lie in
/// the interval of the other.
void check_compatible(const Estimate& whole, const Estimate& cut) {
  if (std::isnan(cut.value)) return;
  REQUIRE(std::isfinite(whole.value));
  INFO("whole " << whole.value << " [" << whole.ci.low << ", " << whole.ci.high << "], cut " << cut.value
                << " [" << cut.ci.low << ", " << cut.ci.high << "]");
  CHECK(covers(whole.ci, cut.value));
  CHECK(covers(cut.ci, whole.value));
}

}  // namespace

TEST_CASE("a fixed stepsize's valley: crossing ratios and the best lie within their intervals", "[np1]") {
  CHECK(BoundRatio{}.crossing(2.0) == Approx(std::pow(2.0 + std::sqrt(3.0), 2.0)));
  simulate(smooth(BoundRatio{}), 16, 150);
}

TEST_CASE("a fixed stepsize's valley, 50 seeds: crossing ratios and the best are exact enough", "[np1]") {
  simulate(smooth(BoundRatio{}), 50, 150);
}

TEST_CASE("a cosine's valley: crossing ratios and the best lie within their intervals", "[np1]") {
  const BoundRatio cosine{.p = 2.0};
  CHECK(cosine(cosine.crossing(2.0) * (2.0 - std::sqrt(3.0))) == Approx(2.0));
  simulate(smooth(cosine), 16, 150);
}

TEST_CASE("a cosine's valley, 50 seeds: crossing ratios and the best are exact enough", "[np1]") {
  simulate(smooth(BoundRatio{.p = 2.0}), 50, 150);
}

TEST_CASE("the worst of two members: crossing ratios and the best lie within their intervals", "[np1]") {
  for (const double noise : {0.1, 0.2, 0.4}) simulate(family_of_two(noise), 16, 150);
}

TEST_CASE("the worst of two members, 50 seeds: crossing ratios and the best are exact enough", "[np1]") {
  for (const double noise : {0.1, 0.2, 0.4}) simulate(family_of_two(noise), 50, 150);
}

TEST_CASE("a kink that noise hides: intervals include the truth or nothing is said", "[np1]") {
  for (const double noise : {0.1, 0.2, 0.3, 0.4}) simulate(kink(noise), 16, 100);
}

TEST_CASE("a kink that noise hides, 50 seeds: intervals include the truth or nothing is said", "[np1]") {
  for (const double noise : {0.1, 0.2, 0.3, 0.4}) simulate(kink(noise), 50, 100);
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
    const auto costs = draw_costs(rhos, smooth(curve), seeds, 1).front();
    const auto answer_for = [&](std::int64_t first, std::int64_t last) {
      std::vector<double> part;
      for (std::size_t k = 0; k < costs.size(); ++k)
        if (const auto i = static_cast<std::int64_t>(k % points); i >= first && i <= last)
          part.push_back(costs[k]);
      const Curves curves({part}, last - first + 1, bootstrap);
      return judge_valley(std::span(rhos).subspan(first, last - first + 1), curves, seeds, question);
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
