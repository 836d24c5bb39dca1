#include "synthetic.hpp"

#include "rhosweep/analysis/analysis.hpp"
#include "rhosweep/analysis/render.hpp"
#include "rhosweep/core/error.hpp"
#include "rhosweep/theory/bounds.hpp"
#include "rhosweep/theory/grid_cost.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/format.h>

using Catch::Matchers::Contains;
using namespace rhosweep;
using analysis::Analyser;
using analysis::unknown;
using synthetic::diverged;
using synthetic::failed;
using synthetic::pending;

namespace {

/// Returns a function that gives a trial its number in `values`. The row of a seed (0 or 1) holds the numbers
/// of the first schedule at ρ = 1, 2, 4, 8, then those of the second schedule.
synthetic::Value table(const std::vector<std::vector<double>>& values) {
  return [=](std::int64_t, std::int64_t seed, std::int64_t schedule, double rho) {
    return values[seed][schedule * 4 + std::lround(std::log2(rho))];
  };
}

/// Makes a file in which every schedule has the error scale · cosh(slope · ln(ρ/2)), times a factor for each
/// seed. The least error is `scale`, at ρ = 2. The best point of a grid of ratio g has an error of at most
/// scale · cosh(slope · ln(g)/2). The grid that contains 2/√g and 2√g reaches this maximum.
struct Valleys {
  synthetic::Sweep sweep;
  std::vector<double> slopes;
  std::vector<double> scales;

  Valleys(std::vector<double> with_slopes, std::vector<double> with_scales)
      : slopes(std::move(with_slopes)), scales(std::move(with_scales)) {
    sweep.seeds = synthetic::seeds(20);
    sweep.schedules = {"constant", "linear", "cosine"};
    sweep.schedules.resize(slopes.size());
    sweep.rhos = synthetic::geometric(0.02, 200.0, 41);
    sweep.initial = {3.0};
  }

  store::ResultsReader file() const {
    return synthetic::make_file(sweep, [this](auto, std::int64_t seed, std::int64_t schedule, double rho) {
      return scales[schedule] * std::cosh(slopes[schedule] * std::log(rho / 2.0)) *
             (1.0 + (static_cast<double>(seed) - 9.5) / 100.0);
    });
  }
};

analysis::Group first_group(const store::ResultsReader& file, const analysis::Options& options = {}) {
  return Analyser(file, options).group(0);
}

bool warns(const std::vector<std::string>& warnings, const std::string& text) {
  return std::any_of(warnings.begin(), warnings.end(),
                     [&](const std::string& line) { return line.find(text) != std::string::npos; });
}

}  // namespace

TEST_CASE("the best ρ of the grid is the one of the least mean over seeds", "[np1]") {
  // The means over the seeds at the four ρ are 3, 2, 5, 40 for constant and 4, 1, 2, 3 for cosine.
  const auto file = synthetic::make_file({}, table({{2, 3, 5, 40, 4, 1, 2, 3}, {4, 1, 5, 40, 4, 1, 2, 3}}));
  const auto group = first_group(file);
  REQUIRE(group.schedules.size() == 2);
  const auto& constant = group.schedules[0];
  const auto& cosine = group.schedules[1];
  CHECK(constant.schedule == "constant");
  CHECK(constant.naive_best_rho == 2.0);
  CHECK(constant.naive_best == 2.0);
  CHECK(cosine.naive_best_rho == 2.0);
  CHECK(cosine.naive_best == 1.0);
  CHECK(constant.curve.at(0).value == 3.0);
  CHECK(constant.curve.at(3).value == 40.0);
  // Neighbouring ρ are a factor of 2 apart, which is too far to judge how coarse a grid may be.
  for (const auto& advice : constant.advice) {
    CHECK(std::isnan(advice.ratio));
    CHECK(!advice.reason.empty());
  }
}

TEST_CASE("the tuned optimum lies between the grid's points, with its value and its stepsize", "[np1]") {
  Valleys valleys({1.0, 0.5}, {1.0, 3.0});
  // The best ρ is 2, which is no grid point; the nearest grid points are 2·10^±0.05.
  valleys.sweep.rhos = synthetic::geometric(0.02 * std::pow(10.0, 0.05), 200.0 * std::pow(10.0, 0.05), 41);
  const auto group = first_group(valleys.file());
  for (std::size_t s = 0; s < 2; ++s) {
    const auto& found = group.schedules[s];
    CHECK(found.best_rho == Approx(2.0).epsilon(0.02));
    CHECK(found.best == Approx(valleys.scales[s]).epsilon(0.01));
    CHECK(found.naive_best ==
          Approx(valleys.scales[s] * std::cosh(valleys.slopes[s] * std::log(std::pow(10.0, 0.05)))));
    CHECK(found.best_stepsize == Approx(found.best_rho * static_cast<double>(s + 1) / 10.0));
    CHECK(found.best_ci.low < found.best);
    CHECK(found.best_ci.high > found.best);
    CHECK(found.best_reason.empty());
    for (const auto& point : found.curve)
      CHECK(point.error_ratio ==
            Approx(std::cosh(valleys.slopes[s] * std::log(point.rho / 2.0))).epsilon(0.01));
  }
}

TEST_CASE("grid costs, their crossings, savings and comparisons are those of the curve", "[np1]") {
  Valleys valleys({1.0, 0.5}, {1.0, 3.0});
  const auto group = first_group(valleys.file());
  const std::vector<double> ratios = analysis::Options().ratios;
  const double range = std::log(1e4);
  for (std::size_t s = 0; s < 2; ++s) {
    const auto& found = group.schedules[s];
    const double a = valleys.slopes[s];
    REQUIRE(found.grid.size() == ratios.size());
    for (std::size_t k = 0; k < ratios.size(); ++k) {
      const double half = a * std::log(ratios[k]) / 2.0;
      CHECK(found.grid[k].judged);
      CHECK(1.0 + found.grid[k].worst == Approx(std::cosh(half)).epsilon(0.02));
      CHECK(1.0 + found.grid[k].mean == Approx(std::sinh(half) / half).epsilon(0.02));
      CHECK(found.grid[k].worst_value == Approx(valleys.scales[s] * std::cosh(half)).epsilon(0.02));
      CHECK(found.grid[k].worst_ci.low <= found.grid[k].worst);
      CHECK(found.grid[k].worst_ci.high >= found.grid[k].worst);
      // A draw with ln ρ at the distance x from ln 2 has cosh(a x) times the least error. With probability
      // (1 − 2x/range)^n, none of n log-uniform draws is within x of ln 2. So the best of the n draws has, on
      // average, 1 + ∫ a sinh(a x) (1 − 2x/range)^n dx times the least error.
      const double draws = range / std::log(ratios[k]);
      double expected = 1.0;
      for (int i = 0; i < 20'000; ++i) {
        const double x = range / 2.0 * (i + 0.5) / 20'000;
        expected += a * std::sinh(a * x) * std::pow(1.0 - 2.0 * x / range, draws) * range / 2.0 / 20'000;
      }
      CHECK(found.random[k].trials == Approx(draws));
      CHECK(1.0 + found.random[k].mean == Approx(expected).epsilon(0.02));
      CHECK(found.random[k].mean_value == Approx(valleys.scales[s] * expected).epsilon(0.02));
    }
    REQUIRE(found.advice.size() == 3);
    for (const auto& advice : found.advice) {
      const double crossing = std::exp(2.0 / a * std::acosh(1.0 + advice.tolerance));
      CHECK(advice.ratio == Approx(crossing).epsilon(0.05));
      CHECK(advice.advised == advice.ratio_ci.low);
      CHECK(advice.points_per_decade == Approx(std::log(10.0) / std::log(advice.advised)));
    }
    // The growth of the worst cost of a grid with its ratio g is the slope of a line fitted to
    // log cosh(a ln(g)/2) over ln g, at the ratios from 5 on.
    std::vector<double> x;
    std::vector<double> y;
    for (const double ratio : {5.0, 10.0, 20.0, 50.0, 100.0}) {
      x.push_back(std::log(ratio));
      y.push_back(std::log(std::cosh(a * std::log(ratio) / 2.0)));
    }
    double xy = 0.0;
    double xx = 0.0;
    for (std::size_t i = 0; i < 5; ++i) {
      const double from_mean = x[i] - (x[0] + x[1] + x[2] + x[3] + x[4]) / 5.0;
      xy += from_mean * y[i];
      xx += from_mean * from_mean;
    }
    CHECK(found.grid_growth == Approx(xy / xx).epsilon(0.02));
  }
  // A seed's factor is the same at every ρ, so it cancels in the costs, and the grid ratio at which a cost
  // reaches a tolerance has no noise. The second schedule has half the slope of the first, so it needs half
  // as many grid points.
  const auto& constant = group.schedules[0];
  const auto& linear = group.schedules[1];
  CHECK(constant.advice[2].saved_share == Approx(0.0).margin(1e-12));
  CHECK(linear.advice[2].saved_share == Approx(0.5).margin(0.02));
  CHECK(constant.comparison.empty());
  CHECK(linear.compared_with == "constant");
  for (std::size_t k = 0; k < ratios.size(); ++k) {
    const double log_g = std::log(ratios[k]);
    CHECK(linear.comparison.at(k).worst ==
          Approx(3.0 * std::cosh(log_g / 4.0) / std::cosh(log_g / 2.0)).epsilon(0.02));
    CHECK(linear.comparison.at(k).worst_ci.high ==
          Approx(linear.comparison.at(k).worst_ci.low).epsilon(1e-3));
  }
}

TEST_CASE("a narrower sweep shows the same costs where it can judge them, and says where not", "[np1]") {
  Valleys valleys({1.0}, {1.0});
  const auto whole = first_group(valleys.file()).schedules[0];
  std::erase_if(valleys.sweep.rhos, [](double rho) { return rho < 0.15 || rho > 8.5; });
  const auto cut = first_group(valleys.file()).schedules[0];
  // In multiples of the least error, the error is at least cosh(ln 4) = 2.1 at the ends of the sweep. On the
  // worst grid of ratio 10 it is 1.74, which the sweep contains, so this ratio can be judged. On the worst
  // grid of ratio 20 it is 2.35, which lies beyond the sweep.
  for (std::size_t k = 0; k < whole.grid.size(); ++k) {
    const auto& grid = cut.grid[k];
    INFO("ratio " << grid.ratio);
    CHECK(grid.judged == (grid.ratio < 15.0));
    if (!grid.judged) {
      CHECK(grid.reason == analysis::beyond_the_sweep);
      CHECK(std::isnan(grid.worst));
      CHECK(std::isnan(grid.worst_value));
    } else {
      CHECK(1.0 + grid.worst == Approx(1.0 + whole.grid[k].worst).epsilon(0.01));
    }
  }
  CHECK(cut.advice[2].ratio == Approx(whole.advice[2].ratio).epsilon(0.02));
  CHECK(cut.best == Approx(whole.best).epsilon(0.01));
}

TEST_CASE("one diverged seed makes the mean of its rho infinite, a failed one leaves it out", "[np1]") {
  const auto file =
      synthetic::make_file({}, table({{2, 3, diverged, 9, failed, 1, failed, 3}, {2, 5, 1, 9, 0, 1, 2, 3}}));
  const auto group = first_group(file);
  const auto& constant = group.schedules[0];
  CHECK(constant.naive_best_rho == 1.0);
  CHECK(constant.best == 2.0);
  CHECK(!constant.best_reason.empty());
  CHECK(constant.curve.at(1).error_ratio == 2.0);
  CHECK(constant.curve.at(2).error_ratio == diverged);
  CHECK(constant.curve.at(2).value == diverged);
  CHECK(constant.curve.at(2).diverged == 1);
  CHECK(constant.diverged_share == 1.0 / 8.0);
  // Under cosine, seed 0 has failed at ρ = 1 and 4, so these ρ are left out, although seed 1 has its least
  // error at ρ = 1. At the other ρ both seeds count.
  CHECK(group.coverage.seeds_used() == 2);
  const auto& cosine = group.schedules[1];
  REQUIRE(cosine.curve.size() == 2);
  CHECK(cosine.curve[0].rho == 2.0);
  CHECK(cosine.curve[1].rho == 8.0);
  CHECK(cosine.naive_best_rho == 2.0);
  CHECK(cosine.diverged_share == 0.0);
  REQUIRE(cosine.left_out.size() == 2);
  CHECK(cosine.left_out[1].rho == 4.0);
  CHECK(cosine.left_out[1].missing.failed == 1);
  CHECK(cosine.left_out[1].missing.pending == 0);
  CHECK(warns(group.warnings, "cosine: 2 of 4 rho are left out: 2 of their 4 trials are pending, failed"));
  // Both failed trials have the same seed.
  CHECK(group.coverage.seeds_failed.size() == 1);
  CHECK(warns(group.warnings, fmt::format("trials of seed {} have failed, so their rho are left out for all "
                                          "seeds: run --resume runs them again, or a sweep without this seed",
                                          group.coverage.seeds_failed.front())));
}

TEST_CASE("order statistics count diverged seeds as the largest, and stay finite for a minority", "[np1]") {
  // The values of the five seeds are 1, 2, 3, 4, 5 times ρ. Two seeds have diverged at ρ = 4, three at
  // ρ = 8.
  synthetic::Sweep sweep;
  sweep.seeds = synthetic::seeds(5);
  sweep.schedules = {"constant"};
  const auto file = synthetic::make_file(sweep, [](auto, std::int64_t seed, auto, double rho) {
    const bool is_diverged = (rho == 4.0 && seed >= 3) || (rho == 8.0 && seed >= 2);
    return is_diverged ? diverged : rho * static_cast<double>(seed + 1);
  });
  const auto values = [&](const std::string& statistic) {
    analysis::Options options;
    options.statistic = *analysis::parse_statistic(statistic);
    std::vector<double> found;
    for (const auto& point : first_group(file, options).schedules[0].curve) found.push_back(point.value);
    return found;
  };
  CHECK(values("mean") == std::vector{3.0, 6.0, diverged, diverged});
  CHECK(values("median") == std::vector{3.0, 6.0, 12.0, diverged});
  // Of 5 sorted values the quantile is the one with the index 0.25 · (5 − 1) = 1, counted from 0.
  CHECK(values("quantile=0.25") == std::vector{2.0, 4.0, 8.0, 16.0});
  // A tenth of five seeds, rounded down, is 0, so no seed is trimmed.
  CHECK(values("trimmed") == std::vector{3.0, 6.0, diverged, diverged});
  CHECK(first_group(file).schedules[0].diverged_share == 5.0 / 20.0);
}

TEST_CASE("a trimmed mean leaves out a tenth of the seeds at each end", "[np1]") {
  synthetic::Sweep sweep;
  sweep.seeds = synthetic::seeds(10);
  sweep.schedules = {"constant"};
  const auto file = synthetic::make_file(sweep, [](auto, std::int64_t seed, auto, double rho) {
    return seed == 9 ? diverged : rho * static_cast<double>(seed);
  });
  analysis::Options options;
  options.statistic = *analysis::parse_statistic("trimmed");
  // Seed 0 has the least value and seed 9 has diverged. So the mean is over the seeds 1 to 8.
  CHECK(first_group(file, options).schedules[0].curve[1].value == 2.0 * 36.0 / 8.0);
}

TEST_CASE("statistics are read and named", "[np1]") {
  for (const std::string name : {"mean", "median", "trimmed", "quantile=0.9", "quantile=0", "quantile=1"})
    CHECK(analysis::name_of(*analysis::parse_statistic(name)) == name);
  CHECK(analysis::name_of(*analysis::parse_statistic("quantile=0.5")) == "median");
  for (const std::string name : {"", "Mean", "quantile", "quantile=", "quantile=1.1", "quantile=-0.1",
                                 "quantile=nan", "quantile=0.5x"})
    CHECK(!analysis::parse_statistic(name));
}

TEST_CASE("while trials are pending, a file says what its complete seeds alone would say", "[np1]") {
  // Of the twelve seeds, 1, 4, 5 and 9 have finished all their trials. Seed 2 lacks a single trial. Seed 7
  // has failed at a schedule and ρ where no other seed has failed.
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
    CHECK(a.naive_best == b.naive_best);
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
      CHECK(a.curve[i].value == b.curve[i].value);
      CHECK(a.curve[i].ci.high == b.curve[i].ci.high);
      missing += a.curve[i].missing.pending;
    }
    CHECK(a.curve[0].missing.failed == 1);
    CHECK(a.missing.failed == 1);
    CHECK(a.missing.pending == missing);
  }
  // Seed 2 lacks a trial of the second schedule only.
  CHECK(found.schedules[1].missing.pending == found.schedules[0].missing.pending + 1);
}

TEST_CASE("a failed trial of a complete seed leaves out its rho, and no seed", "[np1]") {
  const std::vector<double> one{1, 2, 3, 4, 1, 2, 3, 4};
  const std::vector<double> two{3, 4, failed, 6, 3, 4, 5, 6};
  const auto group = first_group(synthetic::make_file({}, table({one, two})));
  CHECK(group.coverage.complete_seeds == 2);
  REQUIRE(group.schedules[0].curve.size() == 3);
  CHECK(group.schedules[0].curve[2].value == 5.0);
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
  CHECK(constant.curve[0].value == 2.0);
  CHECK(constant.curve[1].value == 3.0);
  REQUIRE(constant.left_out.size() == 2);
  CHECK(constant.left_out[0].rho == 4.0);
  CHECK(constant.left_out[0].missing.pending == 1);
  const auto& cosine = group.schedules[1];
  REQUIRE(cosine.curve.size() == 2);
  CHECK(cosine.curve[0].value == 6.0);
  CHECK(cosine.curve[1].value == diverged);
  CHECK(cosine.left_out.size() == 2);
}

TEST_CASE("each axes point has its complete seeds, and the worst over an axis takes those of all its points",
          "[np1]") {
  synthetic::Sweep sweep;
  sweep.axes = {{"problem.curvature", std::vector<double>{0.1, 1.0}}};
  sweep.seeds = {0, 1, 2};
  // A trial of seed 0 is missing at the first axes point, and a trial of seed 2 at the second one.
  const auto file = synthetic::make_file(
      sweep, [](std::int64_t point, std::int64_t seed, std::int64_t schedule, double rho) {
        if (seed == 2 * point && schedule == 0 && rho == 8.0) return pending;
        return static_cast<double>(10 * point + seed);
      });
  const auto found = Analyser(file, {}).analyse();
  CHECK(found.groups[0].coverage.seeds == std::vector<std::int64_t>{1, 2});
  CHECK(found.groups[0].schedules[1].naive_best == 1.5);
  CHECK(found.groups[1].coverage.seeds == std::vector<std::int64_t>{0, 1});
  CHECK(found.groups[1].schedules[1].naive_best == 10.5);
  analysis::Options options;
  options.worst_over = "problem.curvature";
  const auto worst = first_group(file, options);
  CHECK(worst.coverage.seeds == std::vector<std::int64_t>{1});
  CHECK(worst.schedules[0].naive_best == 11.0);
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
  CHECK(std::isnan(group.schedules[0].advice[0].ratio));
  CHECK(group.schedules[0].diverged_share == 1.0);
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
  // A run that reaches the minimum has the excess loss 0, or a negative one due to rounding.
  const double best = GENERATE(0.0, -1e-17);
  const std::vector<double> values{best, 1, 2, 3, 1, 2, 3, 4};
  const auto found = first_group(synthetic::make_file({}, table({values, values}))).schedules[0];
  CHECK(found.naive_best == best);
  CHECK(found.best == best);
  for (const auto& point : found.curve) CHECK(std::isnan(point.error_ratio));
  CHECK(std::isnan(found.advice.at(0).ratio));
  CHECK(!found.grid.at(0).judged);
}

TEST_CASE("exponents and sensitivity of a power law are known", "[np1]") {
  // The error is rho^0.4 above rho = 1 and 1/rho below, times a factor for each seed. The factors have a mean
  // of 1.
  const double exponent = 0.4;
  synthetic::Sweep sweep;
  sweep.seeds = synthetic::seeds(12);
  sweep.schedules = {"linear"};
  sweep.rhos = synthetic::geometric(0.1, 200.0, 34);
  sweep.initial = {3.0};
  const auto law = [&](double rho) { return rho >= 1.0 - 1e-9 ? std::pow(rho, exponent) : 1.0 / rho; };
  const auto of_seed = [](std::int64_t seed) { return 1.0 + (static_cast<double>(seed) - 5.5) / 20.0; };
  const auto file = synthetic::make_file(
      sweep, [&](auto, std::int64_t seed, auto, double rho) { return law(rho) * of_seed(seed); });
  const auto found = first_group(file).schedules[0];

  CHECK(found.exponent == Approx(exponent).epsilon(1e-12));
  CHECK(found.exponent_points == std::count_if(sweep.rhos.begin(), sweep.rhos.end(), [&](double rho) {
          return rho >= 4.0 * found.best_rho && rho <= 100.0 * found.best_rho;
        }));
  CHECK(found.theory_exponent == Approx(1.0 / 3.0));
  CHECK(found.theory_grid_growth == Approx(1.0 / 4.0));
  // A resample draws the same seeds at every rho. So noise that all stepsizes of a seed share cancels in the
  // exponent, but not in the best value.
  CHECK(found.exponent_ci.low == Approx(exponent).epsilon(1e-12));
  CHECK(found.exponent_ci.high == Approx(exponent).epsilon(1e-12));
  CHECK(found.best_ci.high - found.best_ci.low > 0.1);

  // In the sensitivity, a loss above the loss at w_0 counts as the loss at w_0.
  std::vector<double> clipped;
  for (const double rho : sweep.rhos) {
    double sum = 0.0;
    for (const std::int64_t seed : sweep.seeds) sum += std::min(law(rho) * of_seed(seed), 3.0);
    clipped.push_back(sum / 12.0);
  }
  double sum = 0.0;
  for (const double cost : clipped) sum += cost - *std::min_element(clipped.begin(), clipped.end());
  CHECK(found.lr_sensitivity == Approx(sum / static_cast<double>(clipped.size())));
}

TEST_CASE("the theory stands beside the measurement at the same misspecification", "[np1]") {
  // The errors are a multiple of the theory's bound, with the optimum at rho = 2. So the cost of a rho, the
  // slope, the costs of grids and the grid ratios that reach a tolerance are those of the bound.
  synthetic::Sweep sweep;
  sweep.schedules = {"cosine"};
  sweep.rhos = synthetic::geometric(0.02, 200.0, 81);
  sweep.steps = 500;
  sweep.diameter = 3.0;
  sweep.gradient_bound = 2.0;
  const auto schedule = model::Schedule::parse("cosine");
  const auto ratio = [&](double rho) {
    return theory::bound_ratios(schedule, 500, std::vector{rho / 2.0})[0].ratio;
  };
  const auto found = first_group(synthetic::make_file(sweep, [&](auto, auto, auto, double rho) {
                       return ratio(rho);
                     })).schedules[0];
  CHECK(found.best_rho == Approx(2.0).epsilon(0.03));
  for (const auto& point : found.curve) CHECK(point.error_ratio == Approx(point.theory_ratio).epsilon(0.05));
  CHECK(found.exponent == Approx(found.bound_slope).epsilon(0.05));
  const auto costs = theory::grid_costs(schedule, 500, std::vector{5.0, 50.0});
  for (const auto& grid : found.grid) {
    if (grid.ratio == 5.0) CHECK(grid.theory_worst == Approx(costs[0].worst - 1.0));
    if (grid.ratio == 50.0) CHECK(grid.theory_mean == Approx(costs[1].mean - 1.0));
    if (grid.judged) CHECK(1.0 + grid.worst == Approx(1.0 + grid.theory_worst).epsilon(0.03));
  }
  const auto crossings = theory::crossing_ratios(schedule, 500, std::vector{0.1, 0.5, 1.0});
  for (std::size_t t = 0; t < 3; ++t) CHECK(found.advice.at(t).theory_ratio == Approx(crossings[t]));
  // Checks the bound itself, at η = ρ/10 with D = 3 and G = 2.
  const auto bound = theory::bounds(schedule, 500, {.diameter = 3.0, .gradient_bound = 2.0},
                                    std::vector{found.curve.at(20).rho / 10.0});
  CHECK(found.curve.at(20).bound == Approx(bound[0].value));
}

TEST_CASE("theory stands beside the excess loss of projected, convex, plain, unbiased SGD alone", "[np1]") {
  const auto [sgd, words] = GENERATE(table<std::string, std::string>(
      {{"", ""},
       {"momentum = 0.0\n", ""},
       {"iterate = \"last\"\n", ""},
       {"sampling = \"full_batch\"\n", ""},
       {"sampling = \"shuffle\"\n", "unbiased gradients"},
       {"momentum = 0.9\n", "SGD without momentum"},
       {"iterate = \"average\"\n", "the last iterate, not the average"},
       {"optimizer = \"adamw\"\n", "plain SGD, not about \"adamw\""},
       {"optimizer = \"sign_momentum\"\n", "plain SGD, not about \"sign_momentum\""},
       {"optimizer = \"of the future\"\n", "this version cannot read"}}));
  synthetic::Sweep sweep;
  sweep.rhos = synthetic::geometric(1.0, 64.0, 7);
  sweep.sgd = sgd;
  const auto found =
      Analyser(synthetic::make_file(sweep, [](auto, auto, auto, double rho) { return rho; }), {}).analyse();
  CHECK(found.theory().applies == words.empty());
  CHECK_THAT(found.theory().caveat, Contains(words));
  CHECK(found.theory().caveat.empty() == words.empty());
  const auto& schedule = found.groups[0].schedules[1];
  CHECK(schedule.exponent == Approx(1.0));
  CHECK(std::isnan(schedule.theory_exponent) == !words.empty());
  CHECK(std::isnan(schedule.theory_grid_growth) == !words.empty());
  CHECK(std::isnan(schedule.bound_slope) == !words.empty());
  CHECK(std::isnan(schedule.curve.back().theory_ratio) == !words.empty());
  CHECK(std::isnan(schedule.curve.back().bound) == !words.empty());
  CHECK(std::isnan(schedule.advice[0].theory_ratio) == !words.empty());
}

TEST_CASE("theory is its exponent alone where its sums take too long or steps differ, and says so", "[np1]") {
  synthetic::Sweep sweep;
  sweep.rhos = synthetic::geometric(1.0, 64.0, 7);
  analysis::Options options;
  std::string words;
  SECTION("more than 1e9 steps") {
    sweep.steps = 1'000'000'001;
    words = "sgd.steps = 1000000001 would take minutes for each schedule (at most 1000000000)";
  }
  SECTION("more than 1e9 steps at one of two axes points") {
    sweep.axes = {{"sgd.steps", std::vector<std::int64_t>{100, 2'000'000'000}}};
    words = "sgd.steps = 2000000000 would take minutes";
  }
  SECTION("the worst over numbers of steps") {
    sweep.axes = {{"sgd.steps", std::vector<std::int64_t>{100, 200}}};
    options.worst_over = "sgd.steps";
    words = "the bound is of one number of steps, and sgd.steps varies";
  }
  const auto file = synthetic::make_file(sweep, [](auto, auto, auto, double rho) { return 1.0 + rho; });
  const auto found = Analyser(file, options).analyse();
  CHECK(found.theory().applies);
  CHECK_THAT(found.theory().caveat, Contains("theory is its exponent alone: ") && Contains(words));
  const auto& last = found.groups.back().schedules[0];
  CHECK(last.theory_exponent == 1.0);
  CHECK(std::isnan(last.bound_slope));
  CHECK_THAT(analysis::to_table(found), Contains("theory is its exponent alone: "));
}

TEST_CASE("theory is absent where the problem or the question is not its own", "[np1]") {
  synthetic::Sweep sweep;
  sweep.rhos = synthetic::geometric(1.0, 64.0, 7);
  analysis::Options options;
  std::string words;
  SECTION("no projection, or not convex") {
    sweep.diameter = unknown;
    words = "problem.radius > 0";
  }
  SECTION("another metric") {
    sweep.metric = model::metrics::test_loss;
    options.metric = "test_loss";
    words = "about excess_loss, or train_loss where f_star is known, not about test_loss";
  }
  SECTION("a training loss without a known minimum") {
    sweep.metric = model::metrics::train_loss;
    sweep.f_star = {unknown};
    words = "where f_star is known";
  }
  SECTION("another statistic than the mean") {
    options.statistic = *analysis::parse_statistic("median");
    words = "the mean over seeds, not the median";
  }
  const auto file = synthetic::make_file(sweep, [](auto, auto, auto, double rho) { return 1.0 + rho; });
  const auto found = Analyser(file, options).analyse();
  CHECK(!found.theory().applies);
  CHECK_THAT(found.theory().caveat, Contains(words));
  CHECK(std::isnan(found.groups[0].schedules[0].theory_exponent));
}

TEST_CASE("the exponent is measured in the window only, and leaves diverged rho out", "[np1]") {
  // The best ρ is at the edge of the sweep, where there is no model, so the ρ with the least error is used as
  // the optimum.
  synthetic::Sweep sweep;
  sweep.schedules = {"constant"};
  sweep.rhos = synthetic::geometric(1.0, 10000.0, 41);
  // The slope of log error over log ρ is 2 up to ρ = 10, 0.5 from 10 to 100 and 1 above 100. All trials
  // beyond ρ = 1000 have diverged.
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
    CHECK(found.naive_best == Approx(0.26));
    CHECK(found.curve.back().value == Approx(0.25 + 0.01 * std::pow(100.0, 0.3)));
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
  sweep.rhos = synthetic::geometric(0.25, 16.0, 13);
  sweep.initial = {0.5};
  analysis::Options options;
  options.metric = "test_accuracy";
  // The error rate is 0.1 · cosh(ln(ρ/2)), which is least at ρ = 2. Trials at the largest ρ diverge.
  const auto error = [](double rho) { return 0.1 * std::cosh(std::log(rho / 2.0)); };
  const auto file = synthetic::make_file(sweep, [&](auto, std::int64_t seed, auto, double rho) {
    if (rho > 15.0) return diverged;
    return 1.0 - error(rho) + (static_cast<double>(seed) - 5.5) / 1000.0;
  });
  const auto found = first_group(file, options).schedules[0];
  CHECK(found.best_rho == Approx(2.0).epsilon(0.05));
  CHECK(found.naive_best == Approx(0.9));
  CHECK(found.best == Approx(0.9).margin(0.003));
  CHECK(found.best_ci.low < found.best);
  CHECK(found.best_ci.high > found.best);
  CHECK(found.curve.front().error_ratio == Approx(error(0.25) / 0.1).epsilon(0.03));
  CHECK(found.curve.back().error_ratio == diverged);
  double sum = 0.0;
  for (const double rho : sweep.rhos) sum += (rho > 15.0 ? 0.5 : error(rho)) - 0.1;
  CHECK(found.lr_sensitivity == Approx(sum / 13.0));
}

TEST_CASE("the cost of a metric of which more is better is its distance from its bound", "[np1]") {
  synthetic::Sweep sweep;
  sweep.schedules = {"linear"};
  sweep.rhos = synthetic::geometric(0.25, 16.0, 13);
  analysis::Options options;
  options.metric = "auc";
  options.resamples = 0;
  const double bound = GENERATE(1.0, 100.0, 0.0);
  sweep.metric = {"auc", "area", "1", -diverged, bound};
  const auto error = [](double rho) { return 0.1 * std::cosh(std::log(rho / 2.0)); };
  const auto file =
      synthetic::make_file(sweep, [&](auto, auto, auto, double rho) { return bound - error(rho); });
  CHECK(file.description().metrics[0].at_most == bound);
  const auto found = first_group(file, options);
  CHECK(found.error_name == fmt::format("{:g} - auc", bound));
  CHECK(found.schedules[0].naive_best == Approx(bound - 0.1));
  CHECK(found.schedules[0].naive_best_rho == Approx(2.0));
  CHECK(found.schedules[0].curve.front().error_ratio == Approx(error(0.25) / 0.1).epsilon(0.03));
}

TEST_CASE("a metric above its bound is said", "[np1]") {
  synthetic::Sweep sweep;
  sweep.metric = model::metrics::test_accuracy;
  analysis::Options options;
  options.metric = "test_accuracy";
  options.resamples = 0;
  const auto warnings_of = [&](double scale) {
    const auto file =
        synthetic::make_file(sweep, [&](auto, auto, auto, double rho) { return scale / (1.0 + rho); });
    std::string all;
    for (const std::string& line : first_group(file, options).warnings) all += line + "\n";
    return all;
  };
  CHECK_THAT(warnings_of(1.0), !Contains("bound"));
  CHECK_THAT(warnings_of(100.0), Contains("constant: test_accuracy reaches 50, above its bound 1"));
}

TEST_CASE("the worst over an axis is the largest of its means over seeds", "[np1]") {
  // The axes are two curvatures and two numbers of steps. The error is rho for the first curvature and 4/rho
  // for the second. With 200 steps it is 10 times as large as with 100.
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
    CHECK(schedule.naive_best_rho == 2.0);
    CHECK(schedule.naive_best == Approx(2.0 * scale));
    CHECK(schedule.best_stepsize == Approx(schedule.best_rho / 10.0));
    CHECK(schedule.curve.at(0).value == Approx(4.0 * scale));
    CHECK(schedule.curve.at(3).value == Approx(8.0 * scale));
    // Below rho = 2, 4/rho is larger than rho, so the second curvature is the worst.
    CHECK(schedule.curve.at(0).worst_at == 1);
    CHECK(schedule.curve.at(3).worst_at == 0);
    CHECK(!std::isnan(schedule.curve.at(3).theory_ratio));
    CHECK(found.groups[g].members == std::vector<std::vector<analysis::AxisValue>>{
                                         {{"problem.curvature", 0.1}}, {{"problem.curvature", 1.0}}});
    // With two curvatures the worst one is always at an end of the axis, so there are warnings.
    CHECK(warns(found.warnings, "the worst problem.curvature is the first of its axis"));
    CHECK(warns(found.warnings, "the worst problem.curvature is the last of its axis"));
  }
  options.worst_over = "sgd.steps";
  const auto over_steps = Analyser(file, options).analyse();
  REQUIRE(over_steps.groups.size() == 2);
  CHECK(over_steps.groups[0].schedules[0].naive_best == Approx(10.0));
  CHECK(over_steps.groups[0].schedules[0].naive_best_rho == 1.0);
  // The members differ in T, so they have no common bound.
  CHECK(std::isnan(over_steps.groups[0].schedules[0].curve[0].theory_ratio));
}

TEST_CASE("a worst member inside its axis, where the costs are near the best, is no reason to warn",
          "[np1]") {
  synthetic::Sweep sweep;
  sweep.axes = {{"problem.curvature", std::vector<double>{0.1, 0.5, 1.0}}};
  sweep.schedules = {"constant"};
  sweep.rhos = synthetic::geometric(0.1, 100.0, 31);
  // The middle curvature is the worst, except where its error is above 4. There the last curvature is the
  // worst.
  const auto file = synthetic::make_file(sweep, [](std::int64_t point, auto, auto, double rho) {
    const double middle = std::cosh(std::log(rho / 3.0));
    return point == 1 ? middle : point == 2 && middle > 4.0 ? 2.0 * middle : 0.5 * middle;
  });
  analysis::Options options;
  options.worst_over = "problem.curvature";
  const auto group = first_group(file, options);
  CHECK(group.schedules[0].curve.front().worst_at == 2);
  CHECK(group.schedules[0].curve.at(15).worst_at == 1);
  CHECK(!warns(group.warnings, "of its axis"));
}

TEST_CASE("one metric chooses the stepsize and another one is reported", "[np1]") {
  // The excess loss cosh(ln(ρ/2)) chooses the stepsize. The test loss cosh(ln(ρ/3)) is reported; it is
  // cosh(ln 1.5) at the chosen ρ = 2. The best point of a grid of ratio g is at most a factor of √g from 2,
  // to either side.
  synthetic::Sweep sweep;
  sweep.schedules = {"constant"};
  sweep.seeds = synthetic::seeds(8);
  sweep.rhos = synthetic::geometric(0.02, 200.0, 41);
  const auto factor = [](std::int64_t seed) { return 1.0 + (static_cast<double>(seed) - 3.5) / 100.0; };
  const auto around = [&](double centre) {
    return [=](auto, std::int64_t seed, auto, double rho) {
      return std::cosh(std::log(rho / centre)) * factor(seed);
    };
  };
  sweep.further = {{model::metrics::test_loss, around(3.0)}};
  analysis::Options options;
  options.metric = "test_loss";
  options.select_by = "excess_loss";
  const auto found = first_group(synthetic::make_file(sweep, around(2.0)), options).schedules[0];
  const double tuned = std::cosh(std::log(1.5));
  CHECK(found.best_rho == Approx(2.0).epsilon(0.02));
  CHECK(found.best == Approx(tuned).epsilon(0.01));
  CHECK(found.best_reason.empty());
  CHECK(found.naive_best_rho == Approx(2.0));
  CHECK(found.naive_best == Approx(tuned));
  for (const auto& grid : found.grid) {
    INFO("ratio " << grid.ratio);
    const double half = std::log(grid.ratio) / 2.0;
    REQUIRE(grid.judged);
    CHECK(1.0 + grid.worst == Approx(std::cosh(std::log(1.5) + half) / tuned).epsilon(0.02));
    CHECK(1.0 + grid.mean == Approx(std::sinh(half) / half).epsilon(0.02));
    CHECK(grid.worst_value == Approx(std::cosh(std::log(1.5) + half)).epsilon(0.02));
  }
  for (const auto& advice : found.advice)
    CHECK(
        advice.ratio ==
        Approx(std::exp(2.0 * (std::acosh((1.0 + advice.tolerance) * tuned) - std::log(1.5)))).epsilon(0.05));
  // Without select_by the test loss itself chooses.
  options.select_by.clear();
  CHECK(first_group(synthetic::make_file(sweep, around(2.0)), options).schedules[0].best_rho ==
        Approx(3.0).epsilon(0.02));
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
  options.select_by = "loss";
  CHECK_THROWS_WITH(Analyser(file, options), Contains("--select-by: found loss"));
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

TEST_CASE("at the edge of the sweep the best value is what was measured there", "[np1]") {
  synthetic::Sweep sweep;
  sweep.seeds = synthetic::seeds(8);
  sweep.rhos = synthetic::geometric(0.1, 10.0, 11);
  // The error falls faster and faster towards the last ρ, so the smooth model is below the last measured
  // value.
  const auto file = synthetic::make_file(sweep, [](auto, std::int64_t seed, auto, double rho) {
    return std::exp(-rho / 5.0) * (1.0 + 0.01 * static_cast<double>(seed % 3));
  });
  const analysis::ScheduleAnalysis found = first_group(file, {}).schedules.front();
  CHECK(found.best_rho == sweep.rhos.back());
  CHECK(found.best == found.naive_best);
  CHECK(found.best == found.curve.back().value);
  CHECK(found.best_reason == "the best stepsize lies at the edge of the sweep");
}

TEST_CASE("a mean that a single seed decides is pointed out", "[np1]") {
  synthetic::Sweep sweep;
  sweep.seeds = synthetic::seeds(8);
  sweep.rhos = synthetic::geometric(0.1, 10.0, 11);
  const auto file =
      synthetic::make_file(sweep, [](auto, std::int64_t seed, std::int64_t schedule, double rho) {
        const double error = std::cosh(std::log(rho));
        if (schedule == 0) return seed == 3 && rho > 3.0 ? diverged : error;
        return seed == 3 && rho > 3.0 ? 1000.0 : error;
      });
  const analysis::Group group = first_group(file, {});
  CHECK(warns(group.warnings,
              "constant: the mean is infinite at 3 of 11 rho where most seeds have not diverged "
              "(1 of 8 at rho = 3.981 have)"));
  CHECK(warns(group.warnings, "cosine: one of 8 seeds makes up more than half of the mean at 3 of 11 rho"));
  analysis::Options options;
  options.statistic.kind = analysis::Statistic::Kind::quantile;
  const analysis::Group median = first_group(file, options);
  CHECK(!warns(median.warnings, "infinite"));
  CHECK(!warns(median.warnings, "more than half"));
}

TEST_CASE("stepsizes that tie for the best are counted", "[np1]") {
  synthetic::Sweep sweep;
  sweep.metric = model::metrics::test_accuracy;
  const auto file = synthetic::make_file(sweep, [](auto, auto, std::int64_t schedule, double rho) {
    return rho < 8.0 && schedule == 0 ? 0.9 : 1.0 / rho;
  });
  analysis::Options options;
  options.metric = "test_accuracy";
  const auto warnings = first_group(file, options).warnings;
  CHECK(warns(warnings, "constant: 3 rho from 1 to 4 share the best value"));
  CHECK(!warns(warnings, "cosine: 3 rho"));
}

TEST_CASE("the best value and its stepsize are of the same trials where the model has no place", "[np1]") {
  // At the first ρ the excess loss is rounded below 0. This ρ is far from the optimum of a model
  // that is fitted to the other ρ.
  synthetic::Sweep sweep;
  sweep.seeds = synthetic::seeds(8);
  sweep.rhos = synthetic::geometric(0.1, 10.0, 11);
  const auto file = synthetic::make_file(sweep, [&](auto, auto, auto, double rho) {
    return rho == sweep.rhos.front() ? -1e-17 : std::cosh(std::log(rho));
  });
  const analysis::ScheduleAnalysis found = first_group(file, {}).schedules.front();
  CHECK(found.best_rho == sweep.rhos.front());
  CHECK(found.best == found.naive_best);
  CHECK(found.best_reason == "the cost is not above its floor at every stepsize");
}

TEST_CASE("too few resamples are named", "[np1]") {
  const auto file = synthetic::make_file({}, [](auto, auto, auto, double rho) { return rho; });
  const auto warnings = [&](std::int64_t resamples) {
    return Analyser(file, synthetic::with_resamples(resamples)).analyse().warnings;
  };
  CHECK(warns(warnings(38), "--resamples: 38 are too few for a 95 % interval; at least 39 give one"));
  CHECK(!warns(warnings(39), "--resamples"));
  CHECK(!warns(warnings(0), "--resamples"));
}

TEST_CASE("what the file lacks is said once", "[np1]") {
  synthetic::Sweep sweep;
  sweep.rhos = {1.0, 2.0, 5.0};
  const auto one = [](auto...) { return 1.0; };
  const auto found = Analyser(synthetic::make_file(sweep, one), {}).analyse();
  CHECK(warns(found.warnings, "no learning-rate sensitivity"));
  CHECK(std::isnan(found.groups[0].schedules[0].lr_sensitivity));
  sweep = {};
  sweep.seeds = {7};
  sweep.initial = {1.0};
  const auto single = Analyser(synthetic::make_file(sweep, one), {}).analyse();
  CHECK(warns(single.warnings, "1 seed: there are no intervals; at least 3 seeds give one"));
  CHECK(single.resamples == 0);
  CHECK(std::isnan(single.groups[0].schedules[0].best_ci.low));
  CHECK(!warns(single.warnings, "sensitivity"));
}

TEST_CASE("an interval that is wider than the least tolerance asks for more seeds", "[np1]") {
  Valleys valleys({1.0}, {1.0});
  // The error of each of the 20 seeds has a factor from 0.905 to 1.095. The factors' standard deviation is
  // 0.06, so the interval of their mean is ±0.027.
  const auto file = valleys.file();
  analysis::Options options;
  options.tolerances = {0.05};
  CHECK(!warns(first_group(file, options).warnings, "are needed"));
  options.tolerances = {0.5, 0.01};
  CHECK(warns(first_group(file, options).warnings,
              "the least tolerance is 1 %: more than 20 seeds are needed"));
}

TEST_CASE("a sweep whose settings are the same and whose points are not is no baseline", "[np1]") {
  synthetic::Sweep sweep;
  sweep.point_keys = {17};
  const auto value = [](auto, std::int64_t seed, auto, double rho) {
    return static_cast<double>(seed) + rho;
  };
  const auto file = synthetic::make_file(sweep, value);
  analysis::Options options;
  options.baselines = {"keyed.h5"};
  synthetic::make_file(sweep, value, "keyed.h5");
  CHECK_NOTHROW(Analyser(file, options));
  sweep.point_keys = {18};
  synthetic::make_file(sweep, value, "keyed.h5");
  CHECK_THROWS_WITH(Analyser(file, options), Contains("found another /point_key for the same settings"));
  sweep.sgd = "optimizer = \"adamw\"\n";
  synthetic::make_file(sweep, value, "keyed.h5");
  CHECK_NOTHROW(Analyser(file, options));
}

TEST_CASE("another sweep on the same problem stands beside the grids, and none on another problem does",
          "[np1]") {
  Valleys valleys({1.0}, {1.0});
  const auto file = valleys.file();
  synthetic::Sweep other;
  other.schedules = {"constant", "linear"};
  other.rhos = {1.0};
  other.seeds = synthetic::seeds(4);
  other.sgd = "optimizer = \"adamw\"\n";
  const auto made = [&](const std::string& path) {
    synthetic::make_file(
        other,
        [](auto, std::int64_t seed, std::int64_t schedule, auto) {
          return seed == 3 && schedule == 1 ? diverged : static_cast<double>(10 * schedule + seed);
        },
        path);
    analysis::Options options;
    options.baselines = {path};
    return options;
  };
  const auto found = first_group(file, made("other.h5")).baselines;
  REQUIRE(found.size() == 2);
  CHECK(found[0].optimizer == "adamw");
  CHECK(found[0].schedule == "constant");
  CHECK(found[0].stepsize == 0.1);
  CHECK(found[0].value == 1.5);
  CHECK(found[0].ci.low < 1.5);
  CHECK(found[0].ci.high > 1.5);
  CHECK(found[1].value == diverged);
  CHECK(found[1].diverged_share == 0.25);
  other.problem = "kind = \"another\"\n";
  CHECK_THROWS_WITH(Analyser(file, made("another.h5")), Contains("--baseline: another.h5: problem.kind is"));
  other.problem = synthetic::Sweep().problem;
  other.sgd += "batch_size = 2\n";
  CHECK_THROWS_WITH(Analyser(file, made("batch.h5")), Contains("sgd.batch_size is 2 in the file"));
  other.sgd = "precision = \"float32\"\n";
  CHECK_THROWS_WITH(Analyser(file, made("precision.h5")), Contains("sgd.precision is"));
  other.sgd.clear();
  other.f_star = {0.4};
  CHECK_THROWS_WITH(Analyser(file, made("minimum.h5")), Contains("found other minima"));
  other.f_star.clear();
  other.rhos = {0.5, 2.0};
  CHECK_THROWS_WITH(Analyser(file, made("rho.h5")), Contains("found no trials at rho = 1"));
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
    CHECK(x.best_rho == Approx(y.best_rho).epsilon(1e-12));
    CHECK(x.best == Approx(y.best).epsilon(1e-12));
    CHECK(x.best_ci.low == Approx(y.best_ci.low).epsilon(1e-12));
    CHECK(x.best_ci.high == Approx(y.best_ci.high).epsilon(1e-12));
    CHECK(x.exponent == Approx(y.exponent).epsilon(1e-12));
    CHECK(x.exponent_ci.low == Approx(y.exponent_ci.low).epsilon(1e-12));
    CHECK(x.lr_sensitivity == Approx(y.lr_sensitivity).epsilon(1e-12));
    REQUIRE(x.curve.size() == y.curve.size());
    for (std::size_t i = 0; i < x.curve.size(); ++i) {
      CHECK(x.curve[i].rho == y.curve[i].rho);
      CHECK(x.curve[i].value == Approx(y.curve[i].value).epsilon(1e-13));
    }
    for (std::size_t i = 0; i < x.grid.size(); ++i) {
      CHECK(x.grid[i].judged == y.grid[i].judged);
      if (x.grid[i].judged) CHECK(x.grid[i].worst == Approx(y.grid[i].worst).epsilon(1e-9).margin(1e-12));
    }
  }
}

TEST_CASE("more cells than a slab and more resamples than a batch give the same statistics", "[np1]") {
  // The schedule has 135 000 cells, more than a slab: the cells that are read at once. At ρ = 1 half of the
  // seeds have the error 0.5 and half 1.5, so the mean is 1 and the standard deviation 0.5.
  synthetic::Sweep sweep;
  sweep.seeds = synthetic::seeds(9'000);
  sweep.schedules = {"constant"};
  sweep.rhos = synthetic::geometric(1.0, 10.0, 15);
  const bool is_complete = GENERATE(true, false);  // if false, every seventh seed is pending
  const auto file = synthetic::make_file(sweep, [&](auto, std::int64_t seed, auto, double rho) {
    if (!is_complete && seed % 7 == 0) return pending;
    return rho * (seed % 2 == 0 ? 0.5 : 1.5);
  });
  REQUIRE(analysis::Bootstrap(sweep.seeds, 1999).batch() < 1999);
  const auto found = first_group(file).schedules[0];
  CHECK(found.naive_best == Approx(1.0).epsilon(1e-14));
  CHECK(found.curve.back().value == Approx(10.0).epsilon(1e-14));
  // For many seeds n the interval is 1 ± 1.96·0.5/√n, up to the Monte Carlo error of a quantile of 1999
  // resamples.
  const double half_width = 1.96 * 0.5 / std::sqrt(is_complete ? 9'000.0 : 7'714.0);
  CHECK(found.naive_best_ci.low == Approx(1.0 - half_width).margin(half_width / 10));
  CHECK(found.naive_best_ci.high == Approx(1.0 + half_width).margin(half_width / 10));
}
