#include "synthetic.hpp"

#include "rhosweep/analysis/analysis.hpp"
#include "rhosweep/core/error.hpp"
#include "rhosweep/theory/bounds.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using Catch::Matchers::Contains;
using namespace rhosweep;
using analysis::Analyser;
using analysis::unknown;
using synthetic::diverged;
using synthetic::failed;
using synthetic::pending;

namespace {

/// Twice the two seeds' values, (schedules, ρ), for seeds 0 and 1 at the default ρ = 1, 2, 4, 8.
synthetic::Value table(const std::vector<std::vector<double>>& values) {
  return [=](std::int64_t, std::int64_t seed, std::int64_t schedule, double rho) {
    return values[seed][schedule * 4 + std::lround(std::log2(rho))];
  };
}

/// The cost at factor × the best ρ, as the summary after a run shows it.
double cost_near(const analysis::ScheduleAnalysis& found, double factor) {
  const analysis::CurvePoint* point = analysis::point_near(found, factor);
  return point == nullptr ? unknown : point->error_ratio;
}

analysis::Group first_group(const store::ResultsReader& file, const analysis::Options& options = {}) {
  return Analyser(file, options).group(0);
}

bool warns(const std::vector<std::string>& warnings, const std::string& text) {
  return std::any_of(warnings.begin(), warnings.end(),
                     [&](const std::string& line) { return line.find(text) != std::string::npos; });
}

}  // namespace

TEST_CASE("the best stepsize is the one of the least mean over seeds", "[np1]") {
  // constant: means 3, 2, 5, 40; cosine: means 4, 1, 2, 3.
  const auto file = synthetic::make_file({}, table({{2, 3, 5, 40, 4, 1, 2, 3}, {4, 1, 5, 40, 4, 1, 2, 3}}));
  const auto group = first_group(file);
  REQUIRE(group.schedules.size() == 2);
  const auto& constant = group.schedules[0];
  const auto& cosine = group.schedules[1];
  CHECK(constant.schedule == "constant");
  CHECK(constant.best_rho == 2.0);
  CHECK(constant.best_stepsize == 0.2);
  CHECK(constant.best == 2.0);
  CHECK(cosine.schedule == "cosine");
  CHECK(cosine.best_stepsize == 0.4);
  CHECK(cosine.best == 1.0);
  // Twice and four times the best ρ = 2 are 4 and 8; sixteen times is beyond the grid.
  CHECK(cost_near(constant, 2) == 2.5);
  CHECK(cost_near(constant, 4) == 20.0);
  CHECK(analysis::point_near(constant, 16) == nullptr);
  CHECK(cost_near(cosine, 4) == 3.0);
  CHECK(constant.curve.at(0).ratio_to_best == 0.5);
  CHECK(constant.curve.at(0).error_ratio == 1.5);
}

TEST_CASE("one diverged seed makes its rho infinitely bad, a failed one leaves it out", "[np1]") {
  const auto file =
      synthetic::make_file({}, table({{2, 3, diverged, 9, failed, 1, failed, 3}, {2, 5, 1, 9, 0, 1, 2, 3}}));
  const auto group = first_group(file);
  const auto& constant = group.schedules[0];
  CHECK(constant.best_rho == 1.0);
  CHECK(cost_near(constant, 2) == 2.0);
  CHECK(cost_near(constant, 4) == diverged);
  CHECK(constant.curve.at(2).mean == diverged);
  CHECK(constant.curve.at(2).diverged == 1);
  // ρ = 1 and 4 lack a seed, though the other is better. Both seeds count everywhere else.
  CHECK(group.coverage.seeds_used() == 2);
  const auto& cosine = group.schedules[1];
  REQUIRE(cosine.curve.size() == 2);
  CHECK(cosine.curve[0].rho == 2.0);
  CHECK(cosine.curve[1].rho == 8.0);
  CHECK(cosine.best_rho == 2.0);
  CHECK(analysis::point_near(cosine, 2) == nullptr);
  REQUIRE(cosine.left_out.size() == 2);
  CHECK(cosine.left_out[1].rho == 4.0);
  CHECK(cosine.left_out[1].missing.failed == 1);
  CHECK(cosine.left_out[1].missing.pending == 0);
  CHECK(warns(group.warnings, "cosine: 2 of 4 rho are left out: 2 of their 4 trials are pending, failed"));
}

TEST_CASE("while trials are pending, a file says what its complete seeds alone would say", "[np1]") {
  // Seeds 1, 4, 5 and 9 of twelve have finished everywhere; 2 lacks a single trial, 7 has failed at one where
  // the others have not.
  synthetic::Sweep sweep;
  sweep.seeds = {3, 1, 2, 4, 11, 10, 5, 9, 8, 7, 6, 0};
  sweep.rhos = synthetic::geometric(0.1, 100.0, 13);
  sweep.initial = {5.0};
  const auto law = [](auto, std::int64_t seed, std::int64_t schedule, double rho) {
    return std::pow(std::max(rho, 1.0 / rho), schedule == 0 ? 1.0 : 0.3) *
           (1.0 + std::sin(static_cast<double>(seed) * rho) / 3.0);
  };
  const auto is_missing = [](std::int64_t seed, std::int64_t schedule, double rho) {
    if (seed == 1 || seed == 4 || seed == 5 || seed == 9) return false;
    return seed == 2 ? schedule == 1 && rho > 99.0 : rho > 0.2 * static_cast<double>(seed);
  };
  const auto half_done = synthetic::make_file(
      sweep,
      [&](auto, std::int64_t seed, std::int64_t schedule, double rho) {
        if (seed == 7 && rho < 0.11) return failed;
        return is_missing(seed, schedule, rho) ? pending : law(0, seed, schedule, rho);
      },
      "half_done.h5");
  synthetic::Sweep complete = sweep;
  complete.seeds = {1, 4, 5, 9};
  const auto expected = first_group(synthetic::make_file(complete, law, "complete.h5"));
  const auto found = first_group(half_done);

  CHECK(found.coverage.of_seeds == 12);
  CHECK(found.coverage.complete_seeds == 4);
  CHECK(found.coverage.seeds == std::vector<std::int64_t>{1, 3, 6, 7});
  CHECK(found.coverage.seeds_left_out == std::vector<std::int64_t>{3, 2, 11, 10, 8, 7, 6, 0});
  for (std::size_t s = 0; s < 2; ++s) {
    const auto& a = found.schedules[s];
    const auto& b = expected.schedules[s];
    CHECK(a.best_rho == b.best_rho);
    CHECK(a.best == b.best);
    CHECK(a.best_ci.low == b.best_ci.low);
    CHECK(a.best_ci.high == b.best_ci.high);
    CHECK(a.exponent == b.exponent);
    CHECK(a.exponent_ci.low == b.exponent_ci.low);
    CHECK(a.lr_sensitivity == b.lr_sensitivity);
    CHECK(a.left_out.empty());
    REQUIRE(a.curve.size() == 13);
    std::int64_t missing = 0;
    for (std::size_t i = 0; i < 13; ++i) {
      CHECK(a.curve[i].mean == b.curve[i].mean);
      CHECK(a.curve[i].ci.high == b.curve[i].ci.high);
      missing += a.curve[i].missing.pending;
    }
    CHECK(a.curve[0].missing.failed == 1);
    CHECK(a.missing.failed == 1);
    CHECK(a.missing.pending == missing);
    CHECK(a.coarse_grid.at(3).worst_regret == b.coarse_grid.at(3).worst_regret);
  }
  // Of the two schedules, seed 2 lacks a trial of the second alone.
  CHECK(found.schedules[1].missing.pending == found.schedules[0].missing.pending + 1);
  CHECK(warns(found.warnings, "4 seeds: too few for the intervals"));
}

TEST_CASE("a failed trial of a complete seed leaves out its rho, and no seed", "[np1]") {
  const std::vector<double> one{1, 2, 3, 4, 1, 2, 3, 4};
  const std::vector<double> two{3, 4, failed, 6, 3, 4, 5, 6};
  const auto group = first_group(synthetic::make_file({}, table({one, two})));
  CHECK(group.coverage.complete_seeds == 2);
  REQUIRE(group.schedules[0].curve.size() == 3);
  CHECK(group.schedules[0].curve[2].mean == 5.0);
  CHECK(group.schedules[0].left_out.at(0).rho == 4.0);
  CHECK(group.schedules[1].curve.size() == 4);
}

TEST_CASE("where no seed is complete, the rho count at which every seed has finished", "[np1]") {
  const std::vector<double> one{1, 2, 3, pending, 5, 6, failed, 8};
  const std::vector<double> two{3, 4, pending, 6, 7, diverged, 7, pending};
  const auto group = first_group(synthetic::make_file({}, table({one, two})));
  CHECK(group.coverage.complete_seeds == 0);
  CHECK(group.coverage.seeds_used() == 2);
  CHECK(group.coverage.seeds_left_out.empty());
  const auto& constant = group.schedules[0];
  REQUIRE(constant.curve.size() == 2);
  CHECK(constant.curve[0].mean == 2.0);
  CHECK(constant.curve[1].mean == 3.0);
  REQUIRE(constant.left_out.size() == 2);
  CHECK(constant.left_out[0].rho == 4.0);
  CHECK(constant.left_out[0].missing.pending == 1);
  const auto& cosine = group.schedules[1];
  REQUIRE(cosine.curve.size() == 2);
  CHECK(cosine.curve[0].mean == 6.0);
  CHECK(cosine.curve[1].mean == diverged);
  CHECK(cosine.left_out.size() == 2);
}

TEST_CASE("each axes point has its complete seeds, and the worst over an axis takes those of all its points",
          "[np1]") {
  synthetic::Sweep sweep;
  sweep.axes = {{"problem.curvature", std::vector<double>{0.1, 1.0}}};
  sweep.seeds = {0, 1, 2};
  // The first point lacks a trial of seed 0, the second one of seed 2.
  const auto file = synthetic::make_file(
      sweep, [](std::int64_t point, std::int64_t seed, std::int64_t schedule, double rho) {
        if (seed == 2 * point && schedule == 0 && rho == 8.0) return pending;
        return static_cast<double>(10 * point + seed);
      });
  const auto found = Analyser(file, {}).analyse();
  CHECK(found.groups[0].coverage.seeds == std::vector<std::int64_t>{1, 2});
  CHECK(found.groups[0].schedules[1].best == 1.5);
  CHECK(found.groups[1].coverage.seeds == std::vector<std::int64_t>{0, 1});
  CHECK(found.groups[1].schedules[1].best == 10.5);
  analysis::Options options;
  options.worst_over = "problem.curvature";
  const auto worst = first_group(file, options);
  CHECK(worst.coverage.seeds == std::vector<std::int64_t>{1});
  CHECK(worst.schedules[0].best == 11.0);
  CHECK(worst.schedules[0].missing.cells == 2 * 3 * 4);
  CHECK(worst.schedules[0].missing.pending == 2);
}

TEST_CASE("a schedule whose every rho diverges has no best, and one without results is empty", "[np1]") {
  const std::vector<double> values{diverged, diverged, diverged, diverged,
                                   pending,  pending,  pending,  pending};
  const auto group = first_group(synthetic::make_file({}, table({values, values})));
  CHECK(std::isnan(group.schedules[0].best));
  CHECK(group.schedules[0].curve.size() == 4);
  CHECK(std::isnan(group.schedules[0].curve[0].error_ratio));
  CHECK(std::isnan(group.schedules[0].exponent));
  CHECK(std::isnan(group.schedules[0].advice.ratio));
  CHECK(warns(group.warnings, "constant: no rho has a finite mean"));
  CHECK(warns(group.warnings, "constant: most seeds have diverged at 4 of 4 rho"));
  CHECK(std::isnan(group.schedules[1].best));
  CHECK(group.schedules[1].curve.empty());
  CHECK(warns(group.warnings, "cosine: 4 of 4 rho are left out"));
}

TEST_CASE("a sweep is judged by its excess loss where that is known everywhere, else by its training loss",
          "[np1]") {
  const auto one = [](auto...) { return 1.0; };
  synthetic::Sweep sweep;
  CHECK(analysis::default_metric(synthetic::make_file(sweep, one)) == "excess_loss");
  sweep.axes = {{"problem.l2", std::vector<double>{0.0, 0.1}}};
  sweep.f_star = {0.5, unknown};
  CHECK(analysis::default_metric(synthetic::make_file(sweep, one)) == "train_loss");
  sweep = {};
  sweep.metric = model::metrics::train_loss;
  CHECK(analysis::default_metric(synthetic::make_file(sweep, one)) == "train_loss");
}

TEST_CASE("a best value of zero, or rounded below it, has no ratios", "[np1]") {
  // The excess loss of a minimum that is reached exactly, or up to rounding.
  const double best = GENERATE(0.0, -1e-17);
  const std::vector<double> values{best, 1, 2, 3, 1, 2, 3, 4};
  const auto found = first_group(synthetic::make_file({}, table({values, values}))).schedules[0];
  CHECK(found.best == best);
  CHECK(std::isnan(cost_near(found, 2)));
  CHECK(std::isnan(found.coarse_grid.at(1).worst_regret));
  CHECK(std::isnan(found.advice.ratio));
}

TEST_CASE("exponents, regrets, advice and sensitivity of a power law are known", "[np1]") {
  // e = scale·rho^0.4 above 1 and scale/rho below, on a grid of ratio g = 10^(1/10); the seeds' scales
  // average 1.
  const double exponent = 0.4;
  const double g = std::pow(10.0, 0.1);
  synthetic::Sweep sweep;
  sweep.seeds = synthetic::seeds(12);
  sweep.schedules = {"linear"};
  sweep.rhos = synthetic::geometric(0.1, 100.0, 31);
  sweep.initial = {3.0};
  const auto law = [&](double rho) { return rho >= 1.0 - 1e-9 ? std::pow(rho, exponent) : 1.0 / rho; };
  const auto file = synthetic::make_file(sweep, [&](auto, std::int64_t seed, auto, double rho) {
    return law(rho) * (1.0 + (static_cast<double>(seed) - 5.5) / 20.0);
  });
  const auto found = first_group(file).schedules[0];

  CHECK(found.best_rho == Approx(1.0));
  CHECK(found.best == Approx(1.0).epsilon(1e-14));
  CHECK(found.exponent == Approx(exponent).epsilon(1e-12));
  CHECK(found.exponent_points == 14);  // 10^0.7 … 10^2 of ratio: 4 ≤ ratio ≤ 100
  CHECK(found.theory_exponent == Approx(1.0 / 3.0));
  // Paired resampling: what all stepsizes of a seed share cancels, but not in the best value itself.
  CHECK(found.exponent_ci.low == Approx(exponent).epsilon(1e-12));
  CHECK(found.exponent_ci.high == Approx(exponent).epsilon(1e-12));
  CHECK(found.best_ci.high - found.best_ci.low > 0.1);
  CHECK(found.coarse_grid.at(2).worst_ci.low == Approx(found.coarse_grid.at(2).worst_ci.high).epsilon(1e-12));

  REQUIRE(found.coarse_grid.size() == 30);
  CHECK(found.coarse_grid[0].worst_regret == Approx(0.0).margin(1e-14));
  // Every second: the best itself, or its neighbours, of which the upper costs g^0.4 and the lower g.
  CHECK(found.coarse_grid[1].ratio == Approx(g * g));
  CHECK(found.coarse_grid[1].worst_regret == Approx(std::pow(g, 0.4) - 1));
  CHECK(found.coarse_grid[1].mean_regret == Approx((std::pow(g, 0.4) - 1) / 2));
  // Every third: the best; one above or two below; two above or one below.
  CHECK(found.coarse_grid[2].worst_regret == Approx(std::pow(g, 0.8) - 1));
  CHECK(found.coarse_grid[2].mean_regret == Approx((std::pow(g, 0.4) + std::pow(g, 0.8) - 2) / 3));
  // g^0.4 = 1.096 is within 10 %, g^0.8 = 1.202 is not.
  CHECK(found.advice.tolerance == 0.1);
  CHECK(found.advice.ratio == Approx(g * g));
  CHECK(found.advice.grid_points == 16);
  CHECK(found.advice.saved_share == Approx(1.0 - 16.0 / 31.0));

  double sum = 0.0;
  for (const double rho : sweep.rhos) sum += std::min(law(rho), 3.0) - 1.0;
  CHECK(found.lr_sensitivity == Approx(sum / 31.0));
}

TEST_CASE("the theory stands beside the measurement at the same misspecification", "[np1]") {
  // Results that follow the bound itself, best at rho = 2, have its ratios and its slope.
  synthetic::Sweep sweep;
  sweep.schedules = {"cosine"};
  sweep.rhos = synthetic::geometric(0.02, 200.0, 41);
  sweep.steps = 500;
  const auto ratio = [](double rho) {
    return theory::bound_ratios(model::Schedule::parse("cosine"), 500, std::vector{rho / 2.0})[0].ratio;
  };
  const auto found = first_group(synthetic::make_file(sweep, [&](auto, auto, auto, double rho) {
                       return ratio(rho);
                     })).schedules[0];
  CHECK(found.best_rho == Approx(2.0));
  for (const auto& point : found.curve) CHECK(point.error_ratio == Approx(point.theory_ratio).epsilon(1e-12));
  CHECK(found.exponent == Approx(found.theory_slope).epsilon(1e-12));
}

TEST_CASE("theory stands beside the last iterate of SGD alone, and with momentum a caveat", "[np1]") {
  const auto [sgd, applies, words] = GENERATE(table<std::string, bool, std::string>(
      {{"", true, ""},
       {"momentum = 0.0\n", true, ""},
       {"momentum = 0.9\n", true, "of SGD without momentum"},
       {"iterate = \"last\"\n", true, ""},
       {"iterate = \"average\"\n", false, "of the last iterate: none for the average"},
       {"momentum = 0.9\niterate = \"average\"\n", false, "of the last iterate: none for the average"},
       {"optimizer = \"adamw\"\n", false, "none for the optimizer \"adamw\""},
       {"optimizer = \"sign_momentum\"\n", false, "none for the optimizer \"sign_momentum\""}}));
  synthetic::Sweep sweep;
  sweep.rhos = synthetic::geometric(1.0, 64.0, 7);
  sweep.sgd = sgd;
  const auto found =
      Analyser(synthetic::make_file(sweep, [](auto, auto, auto, double rho) { return rho; }), {}).analyse();
  CHECK(found.theory.applies == applies);
  CHECK_THAT(found.theory.caveat, Contains(words));
  CHECK(found.theory.caveat.empty() == words.empty());
  const auto& schedule = found.groups[0].schedules[1];
  CHECK(schedule.exponent == Approx(1.0));
  CHECK(std::isnan(schedule.theory_exponent) == !applies);
  CHECK(std::isnan(schedule.theory_slope) == !applies);
  CHECK(std::isnan(schedule.curve.back().theory_ratio) == !applies);
}

TEST_CASE("the exponent is measured in the window only, and leaves diverged rho out", "[np1]") {
  synthetic::Sweep sweep;
  sweep.schedules = {"constant"};
  sweep.rhos = synthetic::geometric(1.0, 10000.0, 41);
  // Slope 2 up to 10, 0.5 up to 100, 1 above; diverged beyond 1000.
  const auto file = synthetic::make_file(sweep, [](auto, auto, auto, double rho) {
    if (rho > 1001.0) return diverged;
    return std::pow(std::min(rho, 10.0), 2.0) * std::pow(std::clamp(rho / 10.0, 1.0, 10.0), 0.5) *
           std::max(rho / 100.0, 1.0);
  });
  const auto exponent = [&](double low, double high) {
    analysis::Options options;
    options.window = {.low = low, .high = high};
    return first_group(file, options).schedules[0].exponent;
  };
  CHECK(exponent(1, 10) == Approx(2.0));
  CHECK(exponent(10, 100) == Approx(0.5));
  CHECK(exponent(100, 1000) == Approx(1.0));
  CHECK(exponent(100, 10000) == Approx(1.0));
  CHECK(std::isnan(exponent(1.1, 1.2)));
  analysis::Options wide;
  wide.window = {.low = 100, .high = 10000};
  CHECK(warns(first_group(file, wide).warnings, "leaves out 10 rho of its window"));
}

TEST_CASE("a training loss is judged by what it is above its minimum", "[np1]") {
  synthetic::Sweep sweep;
  sweep.metric = model::metrics::train_loss;
  sweep.schedules = {"linear"};
  sweep.rhos = synthetic::geometric(1.0, 100.0, 21);
  sweep.initial = {2.0};
  const auto law = [](auto, auto, auto, double rho) { return 0.25 + 0.01 * std::pow(rho, 0.3); };
  SECTION("where that is known") {
    sweep.f_star = {0.25};
    const auto found = first_group(synthetic::make_file(sweep, law)).schedules[0];
    CHECK(found.exponent == Approx(0.3).epsilon(1e-12));
    CHECK(found.best == Approx(0.26));
    CHECK(found.curve.back().mean == Approx(0.25 + 0.01 * std::pow(100.0, 0.3)));
    CHECK(found.curve.back().error_ratio == Approx(std::pow(100.0, 0.3)));
  }
  SECTION("else by itself") {
    sweep.f_star = {unknown};
    const auto found = first_group(synthetic::make_file(sweep, law)).schedules[0];
    CHECK(found.curve.back().error_ratio == Approx((0.25 + 0.01 * std::pow(100.0, 0.3)) / 0.26));
  }
}

TEST_CASE("of accuracies the largest is best, and their error rates have the ratios", "[np1]") {
  synthetic::Sweep sweep;
  sweep.metric = model::metrics::test_accuracy;
  sweep.schedules = {"linear"};
  sweep.seeds = synthetic::seeds(12);
  sweep.initial = {0.5};
  analysis::Options options;
  options.metric = "test_accuracy";
  const auto file = synthetic::make_file(sweep, [](auto, std::int64_t seed, auto, double rho) {
    if (rho == 8.0) return diverged;
    const double jitter = (static_cast<double>(seed) - 5.5) / 1000.0;
    return (rho == 2.0 ? 0.9 : 0.8) + jitter;
  });
  const auto found = first_group(file, options).schedules[0];
  CHECK(found.best_rho == 2.0);
  CHECK(found.best == Approx(0.9));
  CHECK(found.best_ci.low < 0.9);
  CHECK(found.best_ci.high > 0.9);
  CHECK(found.curve.at(0).error_ratio == Approx(2.0));
  CHECK(found.curve.at(3).error_ratio == diverged);
  // Errors 0.2, 0.1, 0.2 and, diverged, that of the start: 0.5.
  CHECK(found.lr_sensitivity == Approx((0.1 + 0.0 + 0.1 + 0.4) / 4));
}

TEST_CASE("the worst over an axis is the largest of its means over seeds", "[np1]") {
  // Two curvatures, two lengths: e = rho for the one curvature, 4/rho for the other, times 1 or 10.
  synthetic::Sweep sweep;
  sweep.axes = {{"problem.curvature", std::vector<double>{0.1, 1.0}},
                {"sgd.steps", std::vector<std::int64_t>{100, 200}}};
  sweep.schedules = {"constant"};
  sweep.initial = {100.0, 100.0, 100.0, 100.0};
  const auto law = [](std::int64_t point, std::int64_t seed, auto, double rho) {
    const double jitter = seed == 0 ? 0.9 : 1.1;
    return (point / 2 == 0 ? rho : 4.0 / rho) * (point % 2 == 0 ? 1.0 : 10.0) * jitter;
  };
  const auto file = synthetic::make_file(sweep, law);
  analysis::Options options;
  options.worst_over = "problem.curvature";
  const auto found = Analyser(file, options).analyse();
  CHECK(found.worst_over == "problem.curvature");
  REQUIRE(found.groups.size() == 2);
  REQUIRE(found.groups[1].axes.size() == 1);
  CHECK(analysis::label(found.groups[1].axes) == "sgd.steps = 200");
  for (std::size_t g = 0; g < 2; ++g) {
    const auto& schedule = found.groups[g].schedules.at(0);
    const double scale = g == 0 ? 1.0 : 10.0;
    CHECK(schedule.best_rho == 2.0);
    CHECK(schedule.best == Approx(2.0 * scale));
    CHECK(schedule.best_stepsize == 0.2);
    CHECK(schedule.curve.at(0).mean == Approx(4.0 * scale));
    CHECK(schedule.curve.at(3).mean == Approx(8.0 * scale));
    CHECK(!std::isnan(schedule.curve.at(3).theory_ratio));
  }
  options.worst_over = "sgd.steps";
  const auto over_steps = Analyser(file, options).analyse();
  REQUIRE(over_steps.groups.size() == 2);
  CHECK(over_steps.groups[0].schedules[0].best == Approx(10.0));
  CHECK(over_steps.groups[0].schedules[0].best_rho == 1.0);
  CHECK(std::isnan(over_steps.groups[0].schedules[0].curve[0].theory_ratio));  // T is not one number
}

TEST_CASE("metrics and axes that a file does not have are refused by name", "[np1]") {
  const auto file = synthetic::make_file({}, [](auto...) { return 1.0; });
  analysis::Options options;
  options.metric = "excess_los";
  CHECK_THROWS_AS(Analyser(file, options), core::InputError);
  CHECK_THROWS_WITH(
      Analyser(file, options),
      Contains("--metric: found excess_los, did you mean 'excess_loss'?; allowed: excess_loss"));
  options = {};
  options.worst_over = "problem.curvature";
  CHECK_THROWS_WITH(Analyser(file, options),
                    Contains("--worst-over: found problem.curvature; allowed: nothing"));
}

TEST_CASE("a best value at the edge of the grid is pointed out", "[np1]") {
  const std::vector<double> values{1, 2, 3, 4, 4, 3, 2, 1};
  const auto group = first_group(synthetic::make_file({}, table({values, values})));
  CHECK(warns(group.warnings, "constant: the best rho, 1, is the least of the grid"));
  CHECK(warns(group.warnings, "cosine: the best rho, 8, is the largest of the grid"));
}

TEST_CASE("what the file lacks is said once", "[np1]") {
  synthetic::Sweep sweep;
  sweep.rhos = {1.0, 2.0, 5.0};
  const auto one = [](auto...) { return 1.0; };
  const auto found = Analyser(synthetic::make_file(sweep, one), {}).analyse();
  CHECK(warns(found.warnings, "2 seeds: too few"));
  CHECK(warns(found.warnings, "no learning-rate sensitivity"));
  CHECK(warns(found.warnings, "not a geometric grid"));
  CHECK(std::isnan(found.groups[0].schedules[0].lr_sensitivity));
  CHECK(found.groups[0].schedules[0].coarse_grid.empty());
  sweep = {};
  sweep.seeds = {7};
  sweep.initial = {1.0};
  const auto single = Analyser(synthetic::make_file(sweep, one), {}).analyse();
  CHECK(warns(single.warnings, "one seed: there are no intervals"));
  CHECK(single.resamples == 0);
  CHECK(std::isnan(single.groups[0].schedules[0].best_ci.low));
  CHECK(!warns(single.warnings, "sensitivity"));
}

TEST_CASE("the order of seeds, schedules and rho changes nothing", "[np1]") {
  const auto law = [](const std::string& spec, std::int64_t seed, double rho) {
    const double exponent = spec == "constant" ? 1.0 : 0.3;
    return std::pow(std::max(rho, 1.0 / rho), exponent) *
           (1.0 + std::sin(static_cast<double>(seed) * rho) / 3.0);
  };
  synthetic::Sweep sweep;
  sweep.seeds = synthetic::seeds(20);
  sweep.rhos = synthetic::geometric(0.1, 100.0, 13);
  sweep.initial = {5.0};
  synthetic::Sweep other = sweep;
  std::reverse(other.seeds.begin(), other.seeds.end());
  std::swap(other.seeds[3], other.seeds[11]);
  std::reverse(other.schedules.begin(), other.schedules.end());
  std::reverse(other.rhos.begin(), other.rhos.end());
  const auto group = [&](const synthetic::Sweep& of, const std::string& path) {
    return first_group(synthetic::make_file(
        of,
        [&](auto, std::int64_t seed, std::int64_t schedule, double rho) {
          return law(of.schedules[schedule], seed, rho);
        },
        path));
  };
  const auto a = group(sweep, "a.h5");
  const auto b = group(other, "b.h5");
  for (std::size_t s = 0; s < 2; ++s) {
    const auto& x = a.schedules[s];
    const auto& y = b.schedules[1 - s];
    CHECK(x.schedule == y.schedule);
    CHECK(x.best_rho == y.best_rho);
    CHECK(x.best == Approx(y.best).epsilon(1e-13));
    CHECK(x.best_ci.low == Approx(y.best_ci.low).epsilon(1e-12));
    CHECK(x.best_ci.high == Approx(y.best_ci.high).epsilon(1e-12));
    CHECK(x.exponent == Approx(y.exponent).epsilon(1e-12));
    CHECK(x.exponent_ci.low == Approx(y.exponent_ci.low).epsilon(1e-12));
    CHECK(x.lr_sensitivity == Approx(y.lr_sensitivity).epsilon(1e-12));
    REQUIRE(x.curve.size() == y.curve.size());
    for (std::size_t i = 0; i < x.curve.size(); ++i) {
      CHECK(x.curve[i].rho == y.curve[i].rho);
      CHECK(x.curve[i].mean == Approx(y.curve[i].mean).epsilon(1e-13));
    }
    for (std::size_t i = 0; i < x.coarse_grid.size(); ++i)
      CHECK(x.coarse_grid[i].worst_regret ==
            Approx(y.coarse_grid[i].worst_regret).epsilon(1e-10).margin(1e-12));
  }
}

TEST_CASE("more cells than a slab and more resamples than a batch give the same statistics", "[np1]") {
  // 1.3 million cells of one schedule; half of the seeds at 0.5, half at 1.5: mean 1, standard deviation 0.5.
  synthetic::Sweep sweep;
  sweep.seeds = synthetic::seeds(42'000);
  sweep.schedules = {"constant"};
  sweep.rhos = synthetic::geometric(1.0, 10.0, 30);
  const bool is_complete = GENERATE(true, false);  // or every seventh seed is pending
  const auto file = synthetic::make_file(sweep, [&](auto, std::int64_t seed, auto, double rho) {
    if (!is_complete && seed % 7 == 0) return pending;
    return rho * (seed % 2 == 0 ? 0.5 : 1.5);
  });
  REQUIRE(analysis::Bootstrap(sweep.seeds, 1999).batch() < 1999);
  const auto found = first_group(file).schedules[0];
  CHECK(found.best == Approx(1.0).epsilon(1e-14));
  CHECK(found.curve.back().mean == Approx(10.0).epsilon(1e-14));
  // The normal limit: 1 ± 1.96·0.5/√n, up to the Monte Carlo error of a quantile of 1999 resamples.
  const double half_width = 1.96 * 0.5 / std::sqrt(is_complete ? 42'000.0 : 36'000.0);
  CHECK(found.best_ci.low == Approx(1.0 - half_width).margin(half_width / 10));
  CHECK(found.best_ci.high == Approx(1.0 + half_width).margin(half_width / 10));
}
