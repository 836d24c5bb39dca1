#include "estimate.hpp"
#include "grid_cost.hpp"
#include "judge_valley.hpp"
#include "synthetic.hpp"
#include "valley.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

using namespace rhosweep;
using namespace rhosweep::analysis;

namespace {

constexpr double infinity = synthetic::diverged;

/// The errors of parabola(): log e = log(2) + bend (log ρ − centre)², which a local quadratic reproduces
/// exactly.
constexpr double bend = 0.2;
constexpr double centre = 0.1;

std::vector<double> parabola(const std::vector<double>& rhos) {
  std::vector<double> errors;
  for (const double rho : rhos) {
    const double x = std::log(rho) - centre;
    errors.push_back(2.0 * std::exp(bend * x * x));
  }
  return errors;
}

/// Integrates f by the composite Simpson rule.
template <class F>
double integral(double from, double to, const F& f) {
  constexpr int halves = 2000;
  const double h = (to - from) / halves;
  double sum = f(from) + f(to);
  for (int i = 1; i < halves; ++i) sum += (i % 2 == 1 ? 4.0 : 2.0) * f(from + i * h);
  return sum * h / 3.0;
}

/// Returns resampled errors without noise, shape (times, ρ): every resample repeats `errors`.
std::vector<double> repeated(const std::vector<double>& errors, std::int64_t times) {
  std::vector<double> all;
  for (std::int64_t b = 0; b < times; ++b) all.insert(all.end(), errors.begin(), errors.end());
  return all;
}

ValleyAnswer judge(const std::vector<double>& rhos, const std::vector<double>& errors) {
  return judge_valley(rhos, {errors, repeated(errors, 39)}, 16,
                      {.ratios = {3.0, 10.0, 50.0}, .tolerances = {0.1, 0.5, 1.0}});
}

/// Returns a valley on a lattice of 41 places. It has dips at the places 10 and 30 and rises by 0.1 per step
/// from them.
Valley two_dips() {
  Valley valley;
  for (int i = 0; i <= 40; ++i) {
    valley.places.push_back(0.25 * i);
    valley.rise.push_back(0.1 * std::min(std::abs(i - 10), std::abs(i - 30)));
  }
  return valley;
}

double ratio_of_steps(double steps) {
  return std::exp(0.25 * steps);
}

}  // namespace

TEST_CASE("a parabola's optimum, crossings and grid costs are those of its formula", "[np1]") {
  const auto rhos = synthetic::geometric(0.01, 100.0, 41);
  const ValleyAnswer answer = judge(rhos, parabola(rhos));
  REQUIRE(answer.reason.empty());
  CHECK(answer.rho.value == Approx(std::exp(centre)).epsilon(1e-6));
  CHECK(answer.least.value == Approx(2.0).epsilon(1e-4));
  CHECK(answer.residual < 1e-10);
  for (const GridAnswer& grid : answer.grids) {
    REQUIRE(grid.reason.empty());
    // In log ρ, the two best points of the worst grid are at the distance `half` from the optimum, on
    // opposite sides. Over all grids of this ratio, the best point minus the optimum is uniform from −half to
    // half.
    const double half = 0.5 * std::log(grid.ratio);
    const double worst = std::expm1(bend * half * half);
    const double mean =
        integral(-half, half, [](double x) { return std::expm1(bend * x * x); }) / (2.0 * half);
    CHECK(grid.worst.value == Approx(worst).epsilon(3e-3));
    CHECK(grid.mean.value == Approx(mean).epsilon(5e-3));
    CHECK(grid.worst_error.value == Approx(2.0 * (1.0 + worst)).epsilon(2e-3));
    CHECK(grid.mean_error.value == Approx(2.0 * (1.0 + mean)).epsilon(2e-3));
    CHECK(grid.worst.ci.low == Approx(grid.worst.value));
    CHECK(grid.worst.ci.high == Approx(grid.worst.value));
    // For a share s of the grids of this ratio the best point is within s · half of the optimum, in log ρ.
    REQUIRE(grid.quantiles.size() == 5);
    for (std::size_t q = 0; q < 5; ++q) {
      const double distance = 0.25 * static_cast<double>(q) * half;
      CHECK(grid.quantiles[q] == Approx(std::expm1(bend * distance * distance)).epsilon(5e-3).margin(1e-4));
    }
  }
  for (const CrossingAnswer& advice : answer.advice) {
    const double half = std::sqrt(std::log1p(advice.tolerance) / bend);
    CHECK(advice.ratio.value == Approx(std::exp(2.0 * half)).epsilon(2e-3));
    CHECK(advice.advised == Approx(advice.ratio.value));
    // The mean cost of a grid of ratio mean_ratio equals the tolerance.
    const double half_mean = 0.5 * std::log(advice.mean_ratio.value);
    CHECK(integral(-half_mean, half_mean, [](double x) { return std::expm1(bend * x * x); }) /
              (2.0 * half_mean) ==
          Approx(advice.tolerance).epsilon(5e-3));
  }
}

TEST_CASE("the best of random stepsizes has the expectation of its distribution", "[np1]") {
  const auto rhos = synthetic::geometric(std::exp(centre - 3.0), std::exp(centre + 3.0), 31);
  const ValleyModel model(rhos);
  const auto fit = model.fit(parabola(rhos));
  REQUIRE(fit);
  const CostCurve valley(fit->valley());
  for (const double draws : {1.0, 4.0, 11.5}) {
    // In log ρ, the distance r of a draw from the optimum is uniform on [0, 3]. The least of the distances of
    // n draws has the density n (1 − r/3)^(n−1)/3.
    const double expected = integral(0.0, 3.0, [&](double r) {
      return std::expm1(bend * r * r) * draws * std::pow(1.0 - r / 3.0, draws - 1.0) / 3.0;
    });
    const RandomSearch found = random_search(valley, rhos.front(), rhos.back(), draws);
    CHECK(found.mean == Approx(expected).epsilon(5e-3));
    CHECK(found.all_diverge == 0.0);
  }
  CHECK(std::isnan(random_search(valley, 1e-3, rhos.back(), 4.0).mean));
}

TEST_CASE("of random stepsizes all can diverge", "[np1]") {
  auto rhos = synthetic::geometric(std::exp(centre - 3.0), std::exp(centre + 3.0), 31);
  auto errors = parabola(rhos);
  rhos.push_back(std::exp(centre + 3.2));
  errors.push_back(infinity);
  const ValleyModel model(rhos);
  const auto fit = model.fit(errors);
  REQUIRE(fit);
  const CostCurve valley(fit->valley());
  // A quarter of the range, in log ρ, lies beyond the last finite cost. So all three draws diverge with the
  // probability 1/4³.
  const RandomSearch found = random_search(valley, std::exp(centre - 3.0), std::exp(centre + 5.0), 3.0);
  CHECK(found.all_diverge == Approx(1.0 / 64.0));
  const double at_least = integral(0.0, 3.0, [](double r) {
    return std::expm1(bend * r * r) * 3.0 * std::pow(1.0 - 0.25 * r, 2.0) * 0.25;
  });
  CHECK(found.mean == Approx(at_least / (1.0 - 1.0 / 64.0)).epsilon(5e-3));
}

TEST_CASE("several dips help a grid where they lie apart modulo its spacing", "[np1]") {
  // The dips are 20 steps apart. Modulo a spacing of 8 they are 4 apart, so every grid has a point within 2
  // steps of a dip. Modulo a spacing of 20 they coincide.
  const CostCurve valley(two_dips());
  CHECK(grid_cost(valley, ratio_of_steps(8.0)).worst == Approx(0.2));
  CHECK(grid_cost(valley, ratio_of_steps(8.0)).mean == Approx(0.1).epsilon(1e-3));
  CHECK_FALSE(grid_cost(valley, ratio_of_steps(20.0)).is_judged);  // its rise is 1.0, as at the curve's ends
  // The rise is at most 0.2 in two spans of width 4. Modulo a spacing L from 4 to 5 the spans are
  // d = min(20 − 4L, 5L − 20) apart. They include all offsets if L − 4 <= d, which holds up to L = 4.8.
  const Crossing crossing = worst_crossing(valley, 0.2);
  CHECK(std::isfinite(crossing.ratio));
  CHECK(std::log(crossing.ratio) / 0.25 == Approx(4.8).epsilon(1e-12));
}

TEST_CASE("what lies beyond the sweep is not judged", "[np1]") {
  // e is 1.5 times its least value at exp(centre ± 1.424) and 2 times at exp(centre ± 1.862). The sweep ends
  // between the two on one side, so it says nothing about 2 times.
  const auto rhos = synthetic::geometric(0.01, std::exp(centre + 1.6), 31);
  const ValleyAnswer answer = judge(rhos, parabola(rhos));
  CHECK(answer.advice[0].reason.empty());
  CHECK(answer.advice[1].reason.empty());
  CHECK(answer.advice[2].reason == "beyond the sweep");
  CHECK(std::isnan(answer.advice[2].ratio.value));
  CHECK(std::isnan(answer.advice[2].advised));
  CHECK(answer.grids[0].reason.empty());
  CHECK(answer.grids[2].reason == "beyond the sweep");  // needs the errors at exp(centre ± 1.956)
  CHECK(std::isnan(answer.grids[2].worst.value));
  CHECK(std::isnan(answer.grids[2].mean.value));
}

TEST_CASE("an optimum at the edge of the sweep is none", "[np1]") {
  const auto rhos = synthetic::geometric(0.01, std::exp(centre - 0.2), 31);
  const ValleyAnswer answer = judge(rhos, parabola(rhos));
  CHECK(answer.reason == "the best stepsize lies at the edge of the sweep");
  CHECK(std::isnan(answer.rho.value));
  for (const GridAnswer& grid : answer.grids) CHECK(grid.reason == answer.reason);
  for (const CrossingAnswer& advice : answer.advice) CHECK(std::isnan(advice.advised));
}

TEST_CASE("a valley that ends at diverged trials gives a lower bound and says so", "[np1]") {
  const auto rhos = synthetic::geometric(0.01, 100.0, 41);
  auto errors = parabola(rhos);
  double last_finite = 0.0;
  for (std::int64_t i = 0; i < 41; ++i) {
    if (rhos[i] > std::exp(centre + 1.0))
      errors[i] = infinity;
    else
      last_finite = rhos[i];
  }
  const ValleyAnswer answer = judge(rhos, errors);
  // The error is 10 % above its least value at exp(centre ± 0.690), where trials do not diverge yet.
  CHECK(answer.advice[0].remark.empty());
  CHECK(answer.advice[0].ratio.value ==
        Approx(std::exp(2.0 * std::sqrt(std::log(1.1) / bend))).epsilon(2e-3));
  const double below = std::exp(centre - std::sqrt(std::log(2.0) / bend));
  CHECK(answer.advice[2].ratio.value == Approx(last_finite / below).epsilon(2e-3));
  CHECK(answer.advice[2].remark.find("diverge") != std::string::npos);
}

TEST_CASE("a sweep that is too coarse gives no advice", "[np1]") {
  const auto coarse = synthetic::geometric(0.01, 100.0, 14);  // neighbours 2.03 apart
  for (const CrossingAnswer& advice : judge(coarse, parabola(coarse)).advice) {
    CHECK(advice.reason.find("apart, above 1.6") != std::string::npos);
    CHECK(std::isnan(advice.advised));
  }
  // Failed trials leave a gap between neighbouring errors that is too wide.
  const auto fine = synthetic::geometric(0.01, 100.0, 41);
  auto errors = parabola(fine);
  CHECK(judge(fine, errors).advice[1].reason.empty());
  errors[22] = errors[23] = synthetic::failed;
  CHECK(judge(fine, errors).advice[1].reason.find("apart, above 1.6") != std::string::npos);
}

TEST_CASE("a sweep with no point near its optimum gives no advice at any tolerance", "[np1]") {
  const auto rhos = synthetic::geometric(0.1, 100.0, 5);  // neighbours 5.62 apart
  for (const CrossingAnswer& advice : judge(rhos, parabola(rhos)).advice) {
    CHECK(advice.reason.find("a factor of 5.62 apart") != std::string::npos);
    CHECK(std::isnan(advice.advised));
  }
}

TEST_CASE("finite losses of trials that have begun to diverge count as diverged", "[np1]") {
  const auto rhos = synthetic::geometric(0.01, 100.0, 41);
  auto ended_in_time = parabola(rhos);
  auto diverged = ended_in_time;
  for (std::size_t i = 26; i < rhos.size(); ++i) {
    ended_in_time[i] = std::pow(10.0, 20.0 * static_cast<double>(i - 25));  // 1e20 to 1e300
    diverged[i] = synthetic::diverged;
  }
  const ValleyAnswer found = judge(rhos, ended_in_time);
  const ValleyAnswer wanted = judge(rhos, diverged);
  CHECK(found.reason.empty());
  CHECK(found.rho.value == wanted.rho.value);
  CHECK(found.least.value == wanted.least.value);
  for (std::size_t k = 0; k < wanted.advice.size(); ++k) {
    CHECK(found.advice[k].ratio.value == wanted.advice[k].ratio.value);
    // All values are finite, so the remark does not claim that trials diverge.
    const bool is_bounded = wanted.advice[k].remark.find("trials diverge") != std::string::npos;
    CHECK(found.advice[k].remark.find("trials diverge") == std::string::npos);
    CHECK((found.advice[k].remark.find("it leaps from one stepsize to the next") != std::string::npos) ==
          is_bounded);
  }
}

TEST_CASE("a curve that is no valley of the model gives no advice", "[np1]") {
  const auto rhos = synthetic::geometric(0.01, 100.0, 41);
  auto errors = parabola(rhos);
  for (std::int64_t i = 0; i < 41; i += 2) errors[i] *= 1.3;
  CHECK(judge(rhos, errors).advice[0].reason.find("does not fit") != std::string::npos);
  errors = parabola(rhos);
  errors[20] = 0.0;
  CHECK(judge(rhos, errors).reason.find("floor") != std::string::npos);
}

TEST_CASE("where the model rounds off a kink, intervals include the truth or nothing is said", "[np1]") {
  // The error is the larger of ρ^a and ρ^−b. On the worst grid of ratio g both neighbours of the optimum are
  // equally bad, with an error of g^(ab/(a+b)).
  const auto rhos = synthetic::geometric(0.01, 100.0, 41);
  for (const auto& [a, b] :
       {std::pair(0.5, 0.5), std::pair(1.0, 1.0), std::pair(2.0, 2.0), std::pair(0.2, 1.0)}) {
    const double growth = a * b / (a + b);
    std::vector<double> errors;
    for (const double rho : rhos) errors.push_back(std::max(std::pow(rho, a), std::pow(rho, -b)));
    const ValleyAnswer found = judge(rhos, errors);
    int judged = 0;
    for (const CrossingAnswer& advice : found.advice) {
      if (!advice.reason.empty()) continue;
      ++judged;
      const double truth = std::pow(1.0 + advice.tolerance, 1.0 / growth);
      INFO(a << ", " << advice.tolerance << ": " << advice.ratio.ci.low << " " << truth);
      CHECK(advice.ratio.ci.low <= truth);
      CHECK(advice.ratio.ci.high >= truth);
      CHECK(advice.remark.find("rounds off") != std::string::npos);
    }
    for (const GridAnswer& grid : found.grids) {
      if (!grid.reason.empty()) continue;
      ++judged;
      const double truth = std::pow(grid.ratio, growth) - 1.0;
      INFO(a << ", ratio " << grid.ratio << ": " << grid.worst.ci.low << " " << truth << " "
             << grid.worst.ci.high);
      CHECK(grid.worst.ci.low <= truth);
      CHECK(grid.worst.ci.high >= truth);
    }
    CHECK(judged > 0);
  }
}

TEST_CASE("a smooth valley is not taken for a kink", "[np1]") {
  // The error is (ρ + 1/ρ)/2, the bound of a fixed stepsize. On the worst grid of ratio g the best error is
  // (√g + 1/√g)/2.
  const auto rhos = synthetic::geometric(0.01, 100.0, 41);
  std::vector<double> errors;
  for (const double rho : rhos) errors.push_back(0.5 * (rho + 1.0 / rho));
  for (const CrossingAnswer& advice : judge(rhos, errors).advice) CHECK(advice.reason.empty());
}

TEST_CASE("no ratio below 1.01 is advised, and no interval reaches below a ratio of 1", "[np1]") {
  // With three seeds, an end of the interval is `widening` times as far from the median of the resamples as
  // the percentile of the resamples is.
  const double widening = student_quantile(2) / 1.959963984540054 * std::sqrt(1.5);
  const auto rhos = synthetic::geometric(0.01, 100.0, 41);
  const std::vector<double> errors = parabola(rhos);
  const double log_ratio = 2.0 * std::sqrt(std::log1p(0.1) / bend);  // of the grid with a worst rise of 0.1
  for (const double log_low : {-0.05, 0.005, 0.02}) {
    // Some resamples are steeper than the errors: their bend is larger by the square of `steeper`.
    const double steepest = log_ratio / (log_ratio + (log_low - log_ratio) / widening);
    std::vector<double> resampled;
    for (int b = 0; b < 39; ++b) {
      const double steeper = 1.0 + (steepest - 1.0) * std::max(0.0, 1.0 - b / 19.0);
      for (const double e : errors) resampled.push_back(2.0 * std::pow(e / 2.0, steeper * steeper));
    }
    const CrossingAnswer advice =
        judge_valley(rhos, {errors, resampled}, 3, {.tolerances = {0.1}}).advice.at(0);
    CHECK(advice.ratio.ci.low == Approx(std::exp(std::max(0.0, log_low))).epsilon(2e-3));
    CHECK(advice.mean_ratio.ci.low >= 1.0);
    CHECK(std::isnan(advice.advised) == (log_low < std::log(1.01)));
    CHECK(
        advice.reason ==
        (log_low < std::log(1.01) ? "the interval reaches down to a ratio of 1: more seeds are needed" : ""));
  }
}

TEST_CASE("without resamples the noise is unknown, and reasons do not claim to know it", "[np1]") {
  const auto rhos = synthetic::geometric(0.01, 100.0, 41);
  std::vector<double> kink;
  for (const double rho : rhos) kink.push_back(std::max(rho, 1.0 / rho));
  for (const std::int64_t seeds : {1, 16}) {
    const ValleyAnswer found = judge_valley(rhos, {kink, {}}, seeds, {.tolerances = {0.1, 0.33, 1.0}});
    CHECK(found.rounding == Rounding::none);
    CHECK(found.advice[0].reason.find("the smooth model does not fit: its residual is") == 0);
    CHECK(found.advice[0].reason.find("in log e; noise is unknown") != std::string::npos);
    // If the model rounds off the optimum, it gives no advice at tolerances that are small compared with the
    // rounding.
    CHECK(found.advice[1].reason.find("the smooth model rounds off a sharp optimum: by about") == 0);
    CHECK(found.advice[2].reason == "no interval: too few seeds or resamples, or one seed decides");
    CHECK(found.advice[2].remark.empty());
  }
}

TEST_CASE("of a family every member is smoothed, and the kinks between them stay", "[np1]") {
  // The members (ρ/optimum)^a and (ρ/optimum)^−b cross between the grid's points. On the worst grid of ratio
  // g two neighbouring points are equally bad, with an error of g^(ab/(a+b)).
  const auto rhos = synthetic::geometric(0.01, 100.0, 41);
  const double optimum = 1.07;
  for (const auto& [a, b] : {std::pair(1.0, 1.0), std::pair(2.0, 2.0), std::pair(0.2, 1.0)}) {
    const double growth = a * b / (a + b);
    std::vector<double> errors;
    for (const double rho : rhos) errors.push_back(std::pow(rho / optimum, a));
    for (const double rho : rhos) errors.push_back(std::pow(rho / optimum, -b));
    const ValleyAnswer found = judge(rhos, errors);
    REQUIRE(found.reason.empty());
    CHECK(found.rounding == Rounding::none);
    CHECK(found.rho.value == Approx(optimum).epsilon(1e-3));
    CHECK(found.least.value == Approx(1.0).epsilon(1e-3));
    for (const CrossingAnswer& advice : found.advice) {
      if (advice.reason == "beyond the sweep") continue;
      INFO(a << ", " << b << ", tolerance " << advice.tolerance << ": " << advice.reason);
      CHECK(advice.ratio.value == Approx(std::pow(1.0 + advice.tolerance, 1.0 / growth)).epsilon(3e-3));
    }
    for (const GridAnswer& grid : found.grids)
      if (grid.reason.empty())
        CHECK(1.0 + grid.worst.value == Approx(std::pow(grid.ratio, growth)).epsilon(3e-3));
  }
}

TEST_CASE("a member that is nowhere the worst, or at its floor, changes nothing", "[np1]") {
  const auto rhos = synthetic::geometric(0.01, 100.0, 41);
  const auto alone = parabola(rhos);
  auto errors = alone;
  for (const double e : alone) errors.push_back(0.1 * e);
  for (std::size_t i = 0; i < alone.size(); ++i) errors.push_back(i % 2 == 0 ? 0.0 : -1e-17);
  const ValleyAnswer one = judge(rhos, alone);
  const ValleyAnswer three = judge(rhos, errors);
  CHECK(three.rho.value == one.rho.value);
  CHECK(three.least.value == one.least.value);
  for (std::size_t k = 0; k < one.advice.size(); ++k)
    CHECK(three.advice[k].ratio.value == one.advice[k].ratio.value);
}

TEST_CASE("a curve that is the same everywhere is flat, not at the edge", "[np1]") {
  const auto rhos = synthetic::geometric(0.01, 100.0, 41);
  const ValleyAnswer answer = judge(rhos, std::vector<double>(41, 0.3));
  CHECK(answer.reason == "the cost is the same at every stepsize: none is the best");
}

TEST_CASE("random search says nothing where grids say nothing, and of less than one draw", "[np1]") {
  const auto rhos = synthetic::geometric(0.01, 100.0, 41);
  const auto errors = parabola(rhos);
  const auto random_at = [&](const std::vector<double>& at, const std::vector<double>& e, double ratio) {
    return judge_valley(at, {e, repeated(e, 39)}, 16, {.ratios = {ratio}}).grids.front().random_mean;
  };
  CHECK(random_at(rhos, errors, 9000.0) > 0.0);  // ρ covers a ratio of 10 000: more than one draw
  CHECK(std::isnan(random_at(rhos, errors, 11000.0)));
  const auto edge = synthetic::geometric(0.01, std::exp(centre - 0.2), 31);
  CHECK(std::isnan(random_at(edge, parabola(edge), 3.0)));
  const auto coarse = synthetic::geometric(0.01, 100.0, 14);
  CHECK(std::isnan(random_at(coarse, parabola(coarse), 3.0)));
  auto rough = errors;
  for (std::int64_t i = 0; i < 41; i += 2) rough[i] *= 1.3;
  CHECK(std::isnan(random_at(rhos, rough, 1.5)));
}

TEST_CASE("a sweep of more stepsizes than the model takes is not judged, and says so", "[np1]") {
  const auto rhos = synthetic::geometric(0.01, 100.0, 5001);
  const ValleyAnswer answer =
      judge_valley(rhos, {parabola(rhos), {}}, 16, {.ratios = {2.0}, .tolerances = {0.1}});
  CHECK(answer.reason == "the smooth model takes at most 5000 stepsizes");
  CHECK(answer.grids.front().reason == answer.reason);
  CHECK(answer.advice.front().reason == answer.reason);
}

TEST_CASE("costs are the model's at exactly the factors of the best stepsize", "[np1]") {
  const std::vector<double> factors{0.25, 2.0, 4.0, 16.0, 200.0};
  for (const std::int64_t count : {41, 31}) {
    const auto rhos = synthetic::geometric(0.01, 100.0, count);
    const auto errors = parabola(rhos);
    const ValleyAnswer answer = judge_valley(rhos, {errors, repeated(errors, 39)}, 16, {.factors = factors});
    for (std::size_t k = 0; k + 1 < factors.size(); ++k) {
      const double x = std::log(factors[k]);
      CHECK(answer.costs[k].value == Approx(std::exp(bend * x * x)).epsilon(1e-3));
    }
    CHECK(std::isnan(answer.costs.back().value));
  }
}
