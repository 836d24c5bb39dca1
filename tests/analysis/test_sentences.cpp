#include "synthetic.hpp"

#include "rhosweep/analysis/render.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using Catch::Matchers::Contains;
using namespace rhosweep;
using analysis::Analysis;
using analysis::ScheduleAnalysis;

namespace {

/// Returns the table of an analysis as one line.
std::string flat(const Analysis& found) {
  std::string text = analysis::to_table(found);
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

/// Analyses three schedules whose errors are (ρ^a + ρ^−a)/2 with a = 1, 1/2 and 1/4, without noise.
Analysis three_valleys(std::int64_t seeds = 12) {
  synthetic::Sweep sweep;
  sweep.seeds = synthetic::seeds(seeds);
  sweep.schedules = {"constant", "linear", "cosine"};
  sweep.rhos = synthetic::geometric(0.01, 100.0, 41);
  const auto file = synthetic::make_file(sweep, [](auto, auto, std::int64_t schedule, double rho) {
    return std::cosh(std::pow(0.5, static_cast<double>(schedule)) * std::log(rho));
  });
  return analysis::Analyser(file, {}).analyse();
}

/// A grid ratio and its interval, which advised() gives as advice for a schedule at every tolerance.
struct Advised {
  double ratio;
  analysis::Interval ci;
};
Analysis advised(const std::vector<Advised>& by_schedule) {
  Analysis found = three_valleys();
  for (std::size_t s = 0; s < by_schedule.size(); ++s)
    for (analysis::Advice& advice : found.groups[0].schedules[s].advice) {
      advice.ratio = by_schedule[s].ratio;
      advice.ratio_ci = by_schedule[s].ci;
      advice.advised = by_schedule[s].ci.low;
      advice.reason.clear();
    }
  return found;
}

/// Analyses a file with one schedule, whose errors are (ρ + 1/ρ)/2 times a factor for each seed.
Analysis of_factors(const std::vector<double>& by_seed, const std::string& statistic = "mean") {
  synthetic::Sweep sweep;
  sweep.seeds = synthetic::seeds(std::ssize(by_seed));
  sweep.schedules = {"linear"};
  sweep.rhos = synthetic::geometric(0.01, 100.0, 41);
  const auto file = synthetic::make_file(sweep, [&](auto, std::int64_t seed, auto, double rho) {
    return 0.5 * (rho + 1.0 / rho) * by_seed[seed];
  });
  analysis::Options options;
  options.statistic = *analysis::parse_statistic(statistic);
  return analysis::Analyser(file, options).analyse();
}

}  // namespace

TEST_CASE("a sentence names the schedules with the least and the largest ratio, whatever their intervals",
          "[np1]") {
  // Cosine's interval has the least lower end, and cosine has the largest ratio.
  const std::string text = flat(advised({{2.39, {1.5, 2.7}}, {3.72, {1.26, 5.6}}, {9.01, {1.16, 12.0}}}));
  CHECK_THAT(text, Contains("constant allows a grid ratio of 2.39 [1.5, 2.7], cosine 9.01 [1.16, 12]: the "
                            "intervals overlap, so this sweep does not tell them apart."));
  CHECK_THAT(text, !Contains("fewer trials"));
}

TEST_CASE("a saving is of the two schedules that a sentence names", "[np1]") {
  // Linear's interval has the least lower end, but linear has neither the least nor the largest ratio. The
  // saving is 1 - ln 2/ln 16 = 3/4; computed from linear's lower end it would be 1 - ln 1.2/ln 16 = 93 %.
  const std::string text = flat(advised({{2.5, {2.0, 3.0}}, {4.0, {1.2, 9.0}}, {20.0, {16.0, 25.0}}}));
  CHECK_THAT(text, Contains("constant allows a grid ratio of 2.5 [2, 3], cosine 20 [16, 25]: 75 % fewer "
                            "trials, by the lower ends of the intervals."));
}

TEST_CASE("a sentence prints no dash for an interval that is not known", "[np1]") {
  const std::string text = flat(three_valleys(2));  // two seeds give no interval
  // The multiples are cosh(ln(50)/4)/cosh(ln(50)/2) = 0.42 and cosh(ln(50)/8)/cosh(ln(50)/2) = 0.31.
  CHECK_THAT(text, Contains("as a multiple of constant's: linear 0.42, cosine 0.31."));
}

TEST_CASE("the best stepsize has an interval wherever its model has resamples", "[np1]") {
  // A seed's best ρ is its shift s. The mean of the errors is least at ρ = √(mean of s / mean of 1/s).
  synthetic::Sweep sweep;
  sweep.seeds = synthetic::seeds(20);
  sweep.schedules = {"constant", "linear"};
  sweep.rhos = synthetic::geometric(0.01, 100.0, 41);
  const auto file =
      synthetic::make_file(sweep, [](auto, std::int64_t seed, std::int64_t schedule, double rho) {
        const double shift = std::exp(0.2 * std::sin(static_cast<double>(seed)));
        return 0.5 * (rho / shift + shift / rho) * (schedule == 0 ? 1.0 : 2.0);
      });
  const Analysis found = analysis::Analyser(file, {}).analyse();
  double up = 0.0;
  double down = 0.0;
  for (int seed = 0; seed < 20; ++seed) {
    up += std::exp(0.2 * std::sin(seed));
    down += std::exp(-0.2 * std::sin(seed));
  }
  // The log of the best ρ is about the mean of 0.2 sin(seed), whose standard error is 0.2·√½/√20 = 0.032. The
  // 97.5 % quantile of Student's t with 19 degrees of freedom is 2.09.
  const double half_width = 2.09 * 0.2 * std::sqrt(0.5 / 20.0);
  for (const ScheduleAnalysis& each : found.groups[0].schedules) {
    CHECK(each.best_rho == Approx(std::sqrt(up / down)).epsilon(2e-3));
    CHECK(std::log(each.best_rho_ci.high / each.best_rho) == Approx(half_width).epsilon(0.15));
    CHECK(std::log(each.best_rho / each.best_rho_ci.low) == Approx(half_width).epsilon(0.15));
    CHECK(each.best_stepsize_ci.low == Approx(each.best_stepsize / each.best_rho * each.best_rho_ci.low));
    CHECK(each.best_stepsize_ci.high == Approx(each.best_stepsize / each.best_rho * each.best_rho_ci.high));
  }
  CHECK_THAT(analysis::to_table(found), Contains("stepsize's interval"));
  CHECK_THAT(analysis::to_table(three_valleys(2)), !Contains("stepsize's interval"));
}

TEST_CASE("the growth of the grid cost says over which ratios it is, or why it has no interval", "[np1]") {
  const ScheduleAnalysis whole = three_valleys().groups[0].schedules[0];
  CHECK(whole.grid_growth_range.low == 5.0);
  CHECK(whole.grid_growth_range.high == 100.0);
  CHECK(whole.grid_growth_reason.empty());
  const Analysis two_seeds = three_valleys(2);
  CHECK(std::isnan(two_seeds.groups[0].schedules[0].grid_growth_ci.low));
  CHECK_THAT(
      flat(two_seeds),
      Contains("constant, linear, cosine: no interval: too few seeds or resamples, or one seed decides"));
  analysis::Options one_ratio;
  one_ratio.ratios = {2.0, 5.0};
  synthetic::Sweep sweep;
  sweep.seeds = synthetic::seeds(12);
  sweep.rhos = synthetic::geometric(0.01, 100.0, 41);
  const auto file =
      synthetic::make_file(sweep, [](auto, auto, auto, double rho) { return std::cosh(std::log(rho)); });
  const Analysis one = analysis::Analyser(file, one_ratio).analyse();
  CHECK(one.groups[0].schedules[0].grid_growth_range.high == 5.0);
  CHECK_THAT(flat(one), Contains("constant, cosine: fewer than two ratios from 4 on have a cost"));
}

TEST_CASE("the warning of noise names the farther end of the interval", "[np1]") {
  std::vector<double> by_seed(8, 1.0);
  for (std::size_t s = 0; s < by_seed.size(); ++s) by_seed[s] = s % 4 == 0 ? 4.0 : 1.0;
  const Analysis found = of_factors(by_seed);
  const ScheduleAnalysis& only = found.groups[0].schedules[0];
  const double above = only.best_ci.high / only.best - 1.0;
  const double below = 1.0 - only.best_ci.low / only.best;
  REQUIRE(std::isfinite(above));
  REQUIRE(above > 1.1 * below);  // otherwise half of the interval's width would give the same number
  const std::string wanted =
      "reach up to " + std::to_string(std::lround(100.0 * above)) + " % of the excess_loss to one side";
  CHECK(std::any_of(found.warnings.begin(), found.warnings.end(),
                    [&](const std::string& line) { return line.find(wanted) != std::string::npos; }));
}

TEST_CASE("sentences name a trimmed mean and a quantile in words", "[np1]") {
  const auto noun = [](const std::string& text) {
    return analysis::noun_of(*analysis::parse_statistic(text));
  };
  CHECK(noun("mean") == "mean");
  CHECK(noun("median") == "median");
  CHECK(noun("trimmed") == "trimmed mean");
  CHECK(noun("quantile=0.8") == "0.8 quantile");
  CHECK_THAT(flat(of_factors(std::vector<double>(8, 1.0), "quantile=0.8")),
             Contains("excess_loss, 0.8 quantile over 8 seeds") &&
                 Contains("it bounds the mean over seeds, not the 0.8 quantile"));
}
