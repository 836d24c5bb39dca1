#include "grid_cost.hpp"
#include "synthetic.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include <catch2/catch.hpp>

using namespace rhosweep;
using namespace rhosweep::analysis;

namespace {

// Valleys are given on a lattice: at log ρ = 0, step, 2·step, …
constexpr double step = 0.25;
constexpr double slope = 0.1;  // rise per lattice step

double ratio_of(double steps) {
  return std::exp(step * steps);
}

double steps_of(const Crossing& crossing) {
  return std::log(crossing.ratio) / step;
}

template <class Rise>
Valley valley_of(std::int64_t last, const Rise& rise) {
  Valley valley{.least = 1.0};
  for (std::int64_t i = 0; i <= last; ++i) {
    valley.places.push_back(static_cast<double>(i) * step);
    valley.rise.push_back(rise(static_cast<double>(i)));
  }
  return valley;
}

/// A valley whose rise is `slope` times the distance from the nearest dip. So the best point of a grid is as
/// far from a dip as the grid's offset (the place of its first point) is from the nearest dip, if dips and
/// offset are taken modulo the spacing.
struct Dips {
  std::vector<double> places;
  std::int64_t last = 0;

  Valley valley() const {
    return valley_of(last, [&](double x) {
      double least = 1e300;
      for (const double dip : places) least = std::min(least, slope * std::abs(x - dip));
      return least;
    });
  }
  /// Takes the places of the dips modulo the spacing, and returns the gaps between neighbouring places.
  std::vector<double> gaps(double spacing) const {
    std::vector<double> wrapped;
    for (const double dip : places) wrapped.push_back(std::fmod(dip, spacing));
    std::sort(wrapped.begin(), wrapped.end());
    std::vector<double> found{wrapped.front() + spacing - wrapped.back()};
    for (std::size_t k = 1; k < wrapped.size(); ++k) found.push_back(wrapped[k] - wrapped[k - 1]);
    return found;
  }
  double worst(double spacing) const {
    const auto all = gaps(spacing);
    return slope * 0.5 * *std::max_element(all.begin(), all.end());
  }
  double mean(double spacing) const {
    double sum = 0.0;
    for (const double gap : gaps(spacing)) sum += slope * 0.25 * gap * gap;
    return sum / spacing;
  }
};

/// The costs of grids of one spacing at many equally spaced offsets, sorted.
struct Scan {
  std::vector<double> costs;

  Scan(const Valley& valley, double spacing, std::int64_t offsets) {
    const double last = static_cast<double>(valley.rise.size() - 1);
    for (std::int64_t o = 0; o < offsets; ++o) {
      double best = 1e300;
      for (double at = (static_cast<double>(o) + 0.5) / static_cast<double>(offsets) * spacing; at < last;
           at += spacing) {
        const auto k = static_cast<std::size_t>(at);
        const double share = at - static_cast<double>(k);
        best = std::min(best, valley.rise[k] + share * (valley.rise[k + 1] - valley.rise[k]));
      }
      costs.push_back(best);
    }
    std::sort(costs.begin(), costs.end());
  }
  double mean() const {
    double sum = 0.0;
    for (const double cost : costs) sum += cost;
    return sum / static_cast<double>(costs.size());
  }
};

}  // namespace

TEST_CASE("where three points of a grid compete, its costs are those of the formula", "[np1]") {
  const Dips dips{.places = {10.0, 24.0, 41.0}, .last = 60};
  const CostCurve curve(dips.valley());
  // The rise is at least 1.0 at both ends of the curve, so costs up to 1.0 can be judged. Spacings of up to
  // 20 steps have no larger costs.
  for (const double spacing : {0.3, 1.0, 2.7, 4.3, 6.1, 7.0, 9.9, 12.25, 14.0, 16.5, 17.0, 19.9}) {
    INFO("spacing " << spacing);
    const GridCost found = grid_cost(curve, ratio_of(spacing));
    REQUIRE(found.is_judged);
    CHECK(found.worst == Approx(dips.worst(spacing)).epsilon(1e-10));
    CHECK(found.mean == Approx(dips.mean(spacing)).epsilon(1e-10));
  }
}

TEST_CASE("on an uneven curve costs are those of a dense scan", "[np1]") {
  Valley waves = valley_of(60, [](double x) {
    return 1.2 + 0.005 * (x - 30.0) * (x - 30.0) - std::cos(1.7 * x) * std::exp(-0.001 * x);
  });
  const double least = *std::min_element(waves.rise.begin(), waves.rise.end());
  for (double& rise : waves.rise) rise -= least;
  // Beyond a barrier, where the rise is 0.5, lies a second minimum, which is higher than the optimum.
  const Valley hollow = valley_of(60, [](double x) {
    return x <= 35.0 ? 0.1 * std::abs(x - 30.0) : std::max(0.5 - 0.08 * (x - 35.0), 0.1 + 0.1 * (x - 40.0));
  });
  // The slope of either curve is below 2.3 per lattice step: the cosine adds at most 1.7, the parabola 0.3
  // and the exponential factor 0.001. So between two offsets of the scan a cost changes by at most 2.3 times
  // their distance.
  constexpr std::int64_t offsets = 5'000;
  for (const Valley& valley : {waves, hollow}) {
    const CostCurve curve(valley);
    for (double spacing = 0.4; spacing < 18.0; spacing += 0.43) {
      INFO("spacing " << spacing);
      const Scan scan(valley, spacing, offsets);
      const GridCost found = grid_cost(curve, ratio_of(spacing));
      REQUIRE(found.is_judged);
      const double resolution = 2.3 * spacing / static_cast<double>(offsets);
      CHECK(found.worst >= scan.costs.back() - 1e-12);
      CHECK(found.worst <= scan.costs.back() + resolution);
      CHECK(found.mean == Approx(scan.mean()).margin(0.1 * resolution));
      const auto quantiles = cost_quantiles(curve, ratio_of(spacing));
      for (std::size_t q = 0; q < 5; ++q)
        CHECK(
            quantiles[q] ==
            Approx(scan.costs[std::min<std::size_t>(q * offsets / 4, offsets - 1)]).margin(2.0 * resolution));
      CHECK(quantiles[4] == Approx(found.worst).epsilon(1e-12));
    }
  }
}

TEST_CASE("the mean crosses a tolerance also below one lattice step", "[np1]") {
  // In a valley with a single dip, the mean cost of a grid is slope × spacing/4.
  const CostCurve curve(Dips{.places = {20.0}, .last = 40}.valley());
  for (const double tolerance : {0.001, 0.02, 0.024, 0.3})
    CHECK(steps_of(mean_crossing(curve, tolerance)) == Approx(4.0 * tolerance / slope).epsilon(1e-12));
  CHECK(steps_of(worst_crossing(curve, 0.01)) == Approx(0.2).epsilon(1e-12));
}

TEST_CASE("of a mean that rises and falls the least ratio above the tolerance counts", "[np1]") {
  // The dips are 20 steps apart, so for a spacing L between 10 and 20 the gaps are 20 − L and 2L − 20. The
  // mean cost is 0.45 where 5L² − 138L + 800 = 0. At L = 20 the dips coincide; beyond it the mean cost falls
  // again.
  const Dips dips{.places = {10.0, 30.0}, .last = 40};
  const double expected = 0.1 * (138.0 + std::sqrt(138.0 * 138.0 - 16000.0));
  REQUIRE(dips.mean(expected) == Approx(0.45));
  CHECK(dips.mean(26.0) < 0.45);
  CHECK(steps_of(mean_crossing(CostCurve(dips.valley()), 0.45)) == Approx(expected).epsilon(1e-10));
}

TEST_CASE("several dips: the worst crossing is where the first gap opens", "[np1]") {
  const Dips dips{.places = {10.0, 24.0, 41.0}, .last = 60};
  const CostCurve curve(dips.valley());
  for (const double tolerance : {0.1, 0.2, 0.35, 0.55, 0.7}) {
    INFO("tolerance " << tolerance);
    const double crossing = steps_of(worst_crossing(curve, tolerance));
    CHECK(dips.worst(crossing * (1.0 + 1e-9)) > tolerance);
    for (double spacing = 0.01; spacing < crossing; spacing += 0.01)
      REQUIRE(dips.worst(spacing) <= tolerance * (1.0 + 1e-9));
  }
}

TEST_CASE("random search is exact on a curve that rises by 200 decades", "[np1]") {
  constexpr std::int64_t half = 100;
  const auto rise = [](double x) { return std::expm1(4.6 * std::abs(x - half)); };
  const CostCurve curve(valley_of(2 * half, rise));
  for (const double draws : {1.0, 3.0, 12.5, 200.0}) {
    // The distance of a draw from the optimum is uniform, and the rise is linear between lattice points. So
    // the expected least rise is a sum over the intervals of the lattice.
    double expected = 0.0;
    for (std::int64_t j = 0; j < half; ++j) {
      const auto above = [&](std::int64_t k) {
        return std::pow(static_cast<double>(half - k) / half, draws + 1.0) * half / (draws + 1.0);
      };
      expected += (rise(static_cast<double>(half + j + 1)) - rise(static_cast<double>(half + j))) *
                  (above(j) - above(j + 1));
    }
    const RandomSearch found = random_search(curve, 1.0, ratio_of(2.0 * half), draws);
    CHECK(found.mean == Approx(expected).epsilon(1e-9));
    CHECK(found.all_diverge == 0.0);
  }
}

TEST_CASE("a grid that is wider than a curve between diverged ends can miss it", "[np1]") {
  Valley valley = Dips{.places = {20.0}, .last = 40}.valley();
  valley.below = valley.above = Bound::diverged;
  const CostCurve curve(valley);
  CHECK(grid_cost(curve, ratio_of(50.0)).worst == synthetic::diverged);
  const auto quantiles = cost_quantiles(curve, ratio_of(50.0));
  // The median of the best point's distance from the dip is a quarter of the spacing.
  CHECK(quantiles[2] == Approx(slope * 0.25 * 50.0));
  CHECK(quantiles[4] == synthetic::diverged);
  const Crossing crossing = worst_crossing(curve, 3.0);  // the curve does not reach 3.0
  CHECK(steps_of(crossing) == Approx(40.0));
  CHECK(crossing.bounded_by == Bound::diverged);
}

TEST_CASE("a metric that is reported itself gives the costs that it gives alone", "[np1]") {
  for (const Dips& dips :
       {Dips{.places = {20.0}, .last = 40}, Dips{.places = {10.0, 24.0, 41.0}, .last = 60}}) {
    const Valley valley = dips.valley();
    const CostCurve own(valley);
    const CostCurve pair(valley, valley);
    for (const double spacing : {2.3, 7.7, 14.0}) {
      CHECK(grid_cost(pair, ratio_of(spacing)).worst == Approx(grid_cost(own, ratio_of(spacing)).worst));
      CHECK(grid_cost(pair, ratio_of(spacing)).mean == Approx(grid_cost(own, ratio_of(spacing)).mean));
    }
    for (const double tolerance : {0.05, 0.3, 0.6}) {
      // If one metric chooses and another is reported, the least ratio whose worst cost exceeds the tolerance
      // is searched in steps. With several dips, the search can miss a range narrower than a step.
      const double worst = worst_crossing(pair, tolerance).ratio;
      if (dips.places.size() == 1) CHECK(worst == Approx(worst_crossing(own, tolerance).ratio));
      CHECK(grid_cost(own, std::pow(worst, 1.0 - 1e-9)).worst <= tolerance);
      CHECK(grid_cost(own, std::pow(worst, 1.0 + 1e-9)).worst > tolerance);
      CHECK(mean_crossing(pair, tolerance).ratio == Approx(mean_crossing(own, tolerance).ratio));
    }
    CHECK(random_search(pair, 1.0, ratio_of(40.0), 5.0).mean ==
          Approx(random_search(own, 1.0, ratio_of(40.0), 5.0).mean));
  }
}

TEST_CASE("of stepsizes that are equally good random search pays the mean", "[np1]") {
  // The choosing metric is flat up to rounding, while the rise of the reported metric grows from 0 to 1. So
  // the expected rise of the reported metric is 1/2 for any number of draws.
  Valley choosing = valley_of(40, [](double x) { return 1e-15 * std::abs(20.0 - x); });
  choosing.below = choosing.above = Bound::diverged;
  Valley reported = valley_of(40, [](double x) { return x / 40.0; });
  const CostCurve curve(choosing, reported);
  const double at_best = 0.5;  // the rise of the reported metric where the choosing one is least
  for (const double draws : {1.0, 3.0, 20.0})
    CHECK((1.0 + random_search(curve, 1.0, ratio_of(40.0), draws).mean) * (1.0 + at_best) == Approx(1.5));
}

TEST_CASE("where one metric chooses, the other one is paid", "[np1]") {
  // On a grid of spacing 2h the chosen place is within h of 20. The reported e is 1 + 0.05 |x − 24|, which is
  // 1.2 at the optimum of the choosing metric. The lattice of the reported metric has another begin and
  // another step.
  const Valley choosing = valley_of(40, [](double x) { return slope * std::abs(x - 20.0); });
  Valley reported{.log_rho_first = -2.0 * step, .least = 1.0};
  for (int k = 0; k <= 90; ++k) {
    reported.places.push_back(0.5 * step * k);
    reported.rise.push_back(0.05 * std::abs(0.5 * k - 2.0 - 24.0));
  }
  const CostCurve curve(choosing, reported);
  CHECK(curve.tuned() == Approx(1.2));
  const auto paid = [](double e) { return e / 1.2 - 1.0; };
  for (const double half : {5.0, 7.3, 11.0}) {
    const GridCost cost = grid_cost(curve, ratio_of(2.0 * half));
    CHECK(cost.worst == Approx(paid(1.2 + 0.05 * half)));
    const double area = 0.5 * (4.0 + half) * (4.0 + half) + 0.5 * (half - 4.0) * (half - 4.0);
    CHECK(cost.mean == Approx(paid(1.0 + 0.05 * area / (2.0 * half))));
    CHECK(cost.level == Approx(slope * half));
  }
  CHECK(steps_of(worst_crossing(curve, 0.25)) == Approx(2.0 * 0.25 * 1.2 / 0.05).epsilon(1e-12));
  const double mean = grid_cost(curve, ratio_of(18.0)).mean;
  CHECK(steps_of(mean_crossing(curve, mean)) == Approx(18.0).epsilon(1e-10));
}
