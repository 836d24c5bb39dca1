#include "synthetic.hpp"

#include "rhosweep/analysis/render.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace rhosweep;
using analysis::Analysis;
using analysis::ScheduleAnalysis;

namespace {

/// Returns the analysis of a made-up file.
Analysis analysis_of(const synthetic::Sweep& sweep, const synthetic::Value& value,
                     analysis::Options options = {}) {
  return analysis::Analyser(synthetic::make_file(sweep, value), std::move(options)).analyse();
}

const ScheduleAnalysis& only(const Analysis& found) {
  return found.groups.at(0).schedules.at(0);
}

bool says(const std::vector<std::string>& lines, const std::string& text) {
  return std::any_of(lines.begin(), lines.end(),
                     [&](const std::string& line) { return line.find(text) != std::string::npos; });
}

synthetic::Sweep sweep_with(std::int64_t seeds, std::vector<double> rhos) {
  synthetic::Sweep sweep;
  sweep.seeds = synthetic::seeds(seeds);
  sweep.schedules = {"linear"};
  sweep.rhos = std::move(rhos);
  sweep.initial = {1e9};
  return sweep;
}

/// Returns (ρ + 1/ρ)/2, times a factor from 0.9 to 1.1 for each seed.
double valley(std::int64_t, std::int64_t seed, std::int64_t, double rho) {
  return 0.5 * (rho + 1.0 / rho) * (1.0 + 0.1 * std::sin(2.0 * static_cast<double>(seed)));
}

}  // namespace

TEST_CASE("an exponent says over which ratios it was measured", "[np1]") {
  // Neighbouring ρ are a factor of 10^(1/8) apart. The best ρ is 1, and the window in which the exponent is
  // fitted includes the ρ from 4.217 to 100.
  const auto whole = analysis_of(sweep_with(12, synthetic::geometric(0.01, 1000.0, 41)), valley);
  CHECK(only(whole).exponent_range.low == Approx(std::pow(10.0, 0.625)).epsilon(2e-3));
  CHECK(only(whole).exponent_range.high == Approx(100.0).epsilon(0.34));
  CHECK(to_table(whole).find("measured at") == std::string::npos);
  const auto cut = analysis_of(sweep_with(12, synthetic::geometric(0.01, 10.0, 25)), valley);
  CHECK(only(cut).exponent_range.low == Approx(only(whole).exponent_range.low).epsilon(2e-3));
  CHECK(only(cut).exponent_range.high == Approx(10.0).epsilon(2e-3));
  CHECK(to_table(cut).find("measured at") != std::string::npos);
  CHECK(to_table(cut).find("x4.22 to x10") != std::string::npos);
}

TEST_CASE("costs are at exactly the factors, and blank beyond the sweep", "[np1]") {
  const auto expected = [](double factor) { return 0.5 * (factor + 1.0 / factor); };
  // Neither a shorter range nor another grid of ρ changes a cost that is still shown.
  for (const auto& rhos : {synthetic::geometric(0.01, 1000.0, 41), synthetic::geometric(0.01, 20.0, 41),
                           synthetic::geometric(0.1, 30.0, 23)}) {
    const auto found = analysis_of(sweep_with(12, rhos), valley);
    for (const analysis::FactorCost& cost : only(found).costs) {
      if (cost.factor * only(found).best_rho > rhos.back())
        CHECK(std::isnan(cost.error_ratio));
      else
        CHECK(cost.error_ratio == Approx(expected(cost.factor)).epsilon(0.01));
    }
  }
}

TEST_CASE("without a model costs are between the measured stepsizes", "[np1]") {
  // The best ρ, 1, is at the edge of the sweep, so there is no model. Between ρ = 1 and 4, log e is
  // interpolated linearly over log ρ. At ρ = 16 all trials have diverged.
  const auto value = [](auto, auto, auto, double rho) {
    return rho == 16.0 ? synthetic::diverged : rho * rho;
  };
  const auto found = analysis_of(sweep_with(4, {1.0, 4.0, 16.0}), value);
  const auto& costs = only(found).costs;
  REQUIRE(costs.size() == analysis::cost_factors.size());
  CHECK(std::isnan(costs[1].error_ratio));  // x0.5 is below the sweep
  CHECK(costs[2].error_ratio == Approx(4.0));
  CHECK(costs[3].error_ratio == Approx(16.0));
  CHECK(costs[4].error_ratio == synthetic::diverged);
  CHECK(std::isnan(costs[5].error_ratio));  // x64 is beyond the sweep
}

TEST_CASE("two seeds have no intervals", "[np1]") {
  const auto found = analysis_of(sweep_with(2, synthetic::geometric(0.01, 100.0, 41)), valley);
  CHECK(says(found.warnings, "2 seeds: there are no intervals; at least 3 seeds give one"));
  CHECK(std::isfinite(only(found).best));
  CHECK(std::isnan(only(found).best_ci.low));
  CHECK(std::isnan(only(found).exponent_ci.low));
  CHECK(std::isnan(only(found).curve.at(0).ci.low));
  for (const analysis::Advice& advice : only(found).advice) CHECK(std::isnan(advice.advised));
  CHECK(to_table(found).find("intervals from") == std::string::npos);
}

TEST_CASE("without intervals the best is the same, also where one seed decides it", "[np1]") {
  const auto spoilt = [](std::int64_t point, std::int64_t seed, std::int64_t schedule, double rho) {
    return (seed == 1 && std::abs(std::log(rho)) < 0.01 ? 1e3 : 1.0) * valley(point, seed, schedule, rho);
  };
  analysis::Options with;
  with.with_grids = false;
  with.resamples = 399;
  analysis::Options without = with;
  without.with_intervals = false;
  bool has_decided = false;
  for (const std::int64_t seeds : {2, 3, 16}) {
    for (const synthetic::Value& value : {synthetic::Value(valley), synthetic::Value(spoilt)}) {
      CAPTURE(seeds);
      const auto sweep = sweep_with(seeds, synthetic::geometric(0.01, 100.0, 41));
      const auto full = analysis_of(sweep, value, with);
      const auto quick = analysis_of(sweep, value, without);
      CHECK(only(quick).best == only(full).best);
      CHECK(only(quick).best_reason == only(full).best_reason);
      CHECK(only(quick).best_rho == only(full).best_rho);
      CHECK(only(quick).best_stepsize == only(full).best_stepsize);
      for (std::size_t k = 0; k < only(full).costs.size(); ++k) {
        const double cost = only(full).costs[k].error_ratio;
        const double same = only(quick).costs[k].error_ratio;
        CHECK(
            (same == Approx(cost).epsilon(1e-14) || (std::isnan(same) && std::isnan(cost)) || same == cost));
      }
      has_decided = has_decided || says({only(full).best_reason}, "one seed or a few decide");
    }
  }
  CHECK(has_decided);
}

TEST_CASE("where one seed decides the best, it has no interval and a line says so", "[np1]") {
  const auto value = [](std::int64_t point, std::int64_t seed, std::int64_t schedule, double rho) {
    return (seed == 5 ? 1e8 : 1.0) * valley(point, seed, schedule, rho);
  };
  const auto sweep = sweep_with(16, synthetic::geometric(0.01, 100.0, 41));
  const auto mean = analysis_of(sweep, value);
  CHECK(std::isnan(only(mean).best_ci.low));
  CHECK(says(mean.warnings, "the best has no interval: one of 16 seeds or a few decide it"));
  analysis::Options median;
  median.statistic = *analysis::parse_statistic("median");
  const auto robust = analysis_of(sweep, value, median);
  CHECK(only(robust).best_ci.low > 0.8);
  CHECK(only(robust).best_ci.high < 1.2);
}

TEST_CASE(
    "a trimmed mean's interval is open above where resamples draw diverged seeds more often than it trims",
    "[np1]") {
  const auto value = [](std::int64_t point, std::int64_t seed, std::int64_t schedule, double rho) {
    return seed == 5 ? synthetic::diverged : valley(point, seed, schedule, rho);
  };
  analysis::Options trimmed;
  trimmed.statistic = *analysis::parse_statistic("trimmed");
  const auto found = analysis_of(sweep_with(16, synthetic::geometric(0.01, 100.0, 41)), value, trimmed);
  CHECK(only(found).best == Approx(1.0).epsilon(0.1));
  CHECK(only(found).best_ci.low > 0.8);
  CHECK(only(found).best_ci.low < only(found).best);
  CHECK(only(found).best_ci.high == synthetic::diverged);
}

TEST_CASE("a flat curve is called flat, not at the edge of the sweep", "[np1]") {
  const auto found =
      analysis_of(sweep_with(5, synthetic::geometric(0.01, 100.0, 41)), [](auto...) { return 0.5; });
  CHECK(says(found.warnings, "linear: the curve is flat: no rho is better than the others"));
  CHECK(!says(found.warnings, "the best rho"));
  for (const analysis::Advice& advice : only(found).advice)
    CHECK(advice.reason == "the cost is the same at every stepsize: none is the best");
}
