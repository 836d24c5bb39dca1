#include "rhosweep/theory/grid_cost.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numbers>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace rhosweep;
using model::Schedule;

namespace {

/// The bound ratio by its definition: the minimum over all steps k at which the bound may start ("restarts"),
/// computed from a formula of h_t.
class Definition {
 public:
  Definition(std::int64_t steps, const std::function<double(double t, double steps)>& h) {
    std::vector<long double> s(steps + 1, 0), q(steps + 1, 0);
    for (std::int64_t k = steps; k-- > 0;) {
      const long double step = h(static_cast<double>(k), static_cast<double>(steps));
      s[k] = s[k + 1] + step;
      q[k] = q[k + 1] + step * step / s[k];
    }
    std::int64_t tuned = 0;
    for (std::int64_t k = 1; k < steps; ++k)
      if (q[k] / s[k] < q[tuned] / s[tuned]) tuned = k;
    for (std::int64_t k = 0; k < steps; ++k) {
      distance_.push_back(static_cast<double>(s[tuned] / s[k]));
      noise_.push_back(static_cast<double>(q[k] / q[tuned]));
    }
    cap_ = static_cast<double>(std::sqrt(s[tuned] / q[tuned]));
    tuned_ = tuned;
    tuned_stepsize_ = static_cast<double>(1 / std::sqrt(s[tuned] * q[tuned]));
    first_stepsize_ = static_cast<double>(1 / std::sqrt(s[0] * q[0]));
  }

  double at(double log_rho) const {
    const double rho = std::exp(log_rho);
    double least = std::numeric_limits<double>::infinity();
    for (std::size_t k = 0; k < distance_.size(); ++k)
      least = std::min(least, distance_[k] / rho + noise_[k] * rho);
    return std::min(cap_, least / 2);
  }

  /// Returns the worst and the mean cost of grids of this ratio, whose points lie between rho = e^-7 and
  /// e^12. The grids begin at `offsets` equally spaced places.
  theory::GridCost grid_cost(double ratio, int offsets) const {
    const double spacing = std::log(ratio);
    theory::GridCost cost;
    for (int o = 0; o < offsets; ++o) {
      double least = cap_;
      for (double x = spacing * (o + 0.5) / offsets - spacing * std::ceil(7 / spacing); x < 12; x += spacing)
        least = std::min(least, at(x));
      cost.worst = std::max(cost.worst, least);
      cost.mean += least / offsets;
    }
    return cost;
  }

  /// Returns exp(width of { ln rho : ratio <= 1 + tolerance }); this set must be an interval around 0.
  double crossing_ratio(double tolerance) const {
    const auto end = [&](double inside, double outside) {
      while (std::abs(outside - inside) > 1e-9) {
        const double middle = (inside + outside) / 2;
        (at(middle) <= 1 + tolerance ? inside : outside) = middle;
      }
      return inside;
    };
    return std::exp(end(0, 12) - end(0, -12));
  }

  std::int64_t tuned() const { return tuned_; }
  double tuned_stepsize() const { return tuned_stepsize_; }
  double stepsize_tuned_at_0() const { return first_stepsize_; }

 private:
  std::vector<double> distance_;
  std::vector<double> noise_;
  double cap_ = 0;
  std::int64_t tuned_ = 0;
  double tuned_stepsize_ = 0;
  double first_stepsize_ = 0;
};

double h_constant(double, double) {
  return 1;
}
double h_inverse_sqrt(double t, double) {
  return 1 / std::sqrt(t + 1);
}
double h_linear(double t, double steps) {
  return 1 - t / steps;
}
double h_square(double t, double steps) {
  return std::pow(1 - t / steps, 2);
}
double h_cube(double t, double steps) {
  return std::pow(1 - t / steps, 3);
}
double h_cosine(double t, double steps) {
  return (1 + std::cos(std::numbers::pi * t / steps)) / 2;
}
/// A schedule of two plateaus. Its bound ratio has two valleys.
double h_step(double t, double steps) {
  return t < steps / 2 ? 1 : 0.001;
}

struct Case {
  const char* spec;
  double (*h)(double, double);
};

constexpr std::int64_t paper_steps = 6400;

}  // namespace

TEST_CASE("worst and mean cost of grids of ratio 2, 5, 10 and 50 at 6400 steps") {
  // The worst and the mean cost over all places where a grid may begin. NumPy computed them from the
  // definition, to three decimals.
  struct Figures {
    Case schedule;
    std::vector<double> worst;
    std::vector<double> mean;
  };
  const auto& figures = GENERATE(values<Figures>(
      {{{"constant", h_constant}, {1.061, 1.342, 1.739, 3.420}, {1.020, 1.111, 1.236, 1.747}},
       {{"inverse_sqrt", h_inverse_sqrt}, {1.051, 1.283, 1.603, 3.022}, {1.017, 1.093, 1.195, 1.616}},
       {{"linear", h_linear}, {1.061, 1.271, 1.483, 2.170}, {1.020, 1.099, 1.181, 1.437}},
       {{"polynomial(2)", h_square}, {1.054, 1.195, 1.326, 1.709}, {1.019, 1.077, 1.132, 1.287}},
       {{"cosine", h_cosine}, {1.061, 1.257, 1.426, 1.883}, {1.020, 1.097, 1.170, 1.366}}}));
  const std::vector<double> ratios{2, 5, 10, 50};
  const auto costs = theory::grid_costs(Schedule::parse(figures.schedule.spec), paper_steps, ratios);
  const Definition definition(paper_steps, figures.schedule.h);
  REQUIRE(costs.size() == ratios.size());
  for (std::size_t i = 0; i < ratios.size(); ++i) {
    INFO(figures.schedule.spec << " at " << ratios[i]);
    CHECK(costs[i].worst == Approx(figures.worst[i]).margin(1e-3));
    CHECK(costs[i].mean == Approx(figures.mean[i]).margin(1e-3));
    // The slope of ln(cost) over ln(rho) is at most 1. Every place where a grid may begin is within half the
    // spacing of these 80 offsets from one of them. So the worst cost over all places is at most exp(half the
    // spacing) times the worst cost over the offsets.
    const int offsets = 80;
    const theory::GridCost expected = definition.grid_cost(ratios[i], offsets);
    CHECK(costs[i].worst >= expected.worst * (1 - 1e-12));
    CHECK(costs[i].worst <= expected.worst * std::exp(std::log(ratios[i]) / (2 * offsets)));
    CHECK(costs[i].mean == Approx(expected.mean).epsilon(5e-4));
  }
}

TEST_CASE("the ratio at which the worst cost crosses a tolerance") {
  const auto schedule = GENERATE(values<Case>({{"constant", h_constant},
                                               {"inverse_sqrt", h_inverse_sqrt},
                                               {"linear", h_linear},
                                               {"polynomial(2)", h_square},
                                               {"polynomial(3)", h_cube},
                                               {"cosine", h_cosine}}));
  const std::vector<double> tolerances{0.1, 0.25, 0.5, 1.0};
  const auto ratios = theory::crossing_ratios(Schedule::parse(schedule.spec), paper_steps, tolerances);
  const Definition definition(paper_steps, schedule.h);
  for (std::size_t i = 0; i < tolerances.size(); ++i) {
    INFO(schedule.spec << " at " << tolerances[i]);
    CHECK(ratios[i] == Approx(definition.crossing_ratio(tolerances[i])).epsilon(1e-7));
    // On a grid of this ratio the worst cost is 1 + tolerance.
    const auto worst =
        theory::grid_costs(Schedule::parse(schedule.spec), paper_steps, std::vector{ratios[i]})[0].worst;
    CHECK(worst == Approx(1 + tolerances[i]).epsilon(1e-12));
  }
}

TEST_CASE("the crossing ratios of a parabola's valley are its closed form") {
  // Up to rho² = H_T the bound of a constant schedule is least if it starts at k = 0. There its ratio is
  // (rho + 1/rho)/2, which is 1 + t at rho = 1 + t ± √(t² + 2t).
  for (const double tolerance : {0.1, 0.25, 0.5}) {
    const double end = 1 + tolerance + std::sqrt(tolerance * tolerance + 2 * tolerance);
    const auto ratios =
        theory::crossing_ratios(Schedule::parse("constant"), paper_steps, std::vector{tolerance});
    CHECK(ratios[0] == Approx(end * end).epsilon(1e-12));
  }
}

TEST_CASE("inverse_sqrt is tuned to a later restart") {
  struct Figures {
    std::int64_t steps;
    double share;   ///< k/T, where the bound from step k on is least
    double factor;  ///< the tuned stepsize over the one tuned for k = 0
  };
  const auto [steps, share, factor] =
      GENERATE(values<Figures>({{6400, 0.0064, 1.127}, {16384, 0.0054, 1.13}}));
  const auto schedule = Schedule::parse("inverse_sqrt");
  const theory::ScheduleSums tuned = theory::tuned_sums(schedule, steps);
  CHECK(static_cast<double>(tuned.restart) / static_cast<double>(steps) == Approx(share).margin(5e-5));
  const double first = theory::tuned_stepsize(theory::schedule_sums(schedule, steps), {});
  CHECK(theory::tuned_stepsize(tuned, {}) / first == Approx(factor).margin(5e-3));
  const Definition definition(steps, h_inverse_sqrt);
  CHECK(tuned.restart == definition.tuned());
  CHECK(theory::tuned_stepsize(tuned, {}) == Approx(definition.tuned_stepsize()).epsilon(1e-13));
  CHECK(first == Approx(definition.stepsize_tuned_at_0()).epsilon(1e-13));
}

TEST_CASE("below its tuned stepsize inverse_sqrt pays less than (rho + 1/rho)/2") {
  const std::vector<double> rhos{0.1, 0.5};
  const auto ratios = theory::bound_ratios(Schedule::parse("inverse_sqrt"), paper_steps, rhos);
  const Definition definition(paper_steps, h_inverse_sqrt);
  for (std::size_t i = 0; i < rhos.size(); ++i) {
    CHECK(ratios[i].ratio == Approx(definition.at(std::log(rhos[i]))).epsilon(1e-13));
    CHECK(ratios[i].ratio < 0.99 * (rhos[i] + 1 / rhos[i]) / 2);
  }
}

TEST_CASE("a curve gives the ratios of bound_ratios") {
  const char* spec = GENERATE("constant", "inverse_sqrt", "linear", "cosine", "step(factor=0.001, at=[0.5])",
                              "cosine_restarts(cycles=3)", "warmup(0.5, wsd(cooldown=0.5))");
  const std::int64_t steps = GENERATE(1, 2, 1000);
  const theory::Form form = GENERATE(theory::Form::last_iterate, theory::Form::last_gradient);
  std::vector<double> rhos;
  for (double rho = 1e-3; rho < 1e5; rho *= 1.37) rhos.push_back(rho);
  const auto schedule = Schedule::parse(spec);
  const auto ratios = theory::bound_ratios(schedule, steps, rhos, form);
  const theory::BoundCurve curve(schedule, steps, form);
  for (std::size_t i = 0; i < rhos.size(); ++i) {
    INFO(spec << " over " << steps << " steps at rho = " << rhos[i]);
    CHECK(curve.at(rhos[i]).ratio == Approx(ratios[i].ratio).epsilon(1e-13));
    CHECK(curve.at(rhos[i]).slope == Approx(ratios[i].slope).margin(1e-6));
    CHECK(curve.at(rhos[i]).ratio <= curve.cap());
  }
}

TEST_CASE("a schedule with two plateaus has a bound with two valleys, and grids may use both") {
  const std::int64_t steps = 600;
  const auto schedule = Schedule::parse("step(factor=0.001, at=[0.5])");
  const Definition definition(steps, h_step);
  const theory::BoundCurve curve(schedule, steps);
  // The second valley is near rho = 1000, where the schedule's first half no longer contributes.
  double bottom = definition.at(std::log(300.0));
  for (double x = std::log(300.0); x < std::log(3000.0); x += 1e-3)
    bottom = std::min(bottom, definition.at(x));
  double ridge = 0;
  for (double x = 0; x < std::log(1000.0); x += 1e-3) ridge = std::max(ridge, definition.at(x));
  REQUIRE(bottom < ridge - 0.1);
  CHECK(curve.at_most(bottom - 1e-3).size() == 1);
  CHECK(curve.at_most((bottom + ridge) / 2).size() == 2);
  CHECK(curve.at_most(ridge * 1.002).size() == 1);
  for (const auto& interval : curve.at_most((bottom + ridge) / 2)) {
    CHECK(definition.at(interval.from) == Approx((bottom + ridge) / 2).epsilon(1e-12));
    CHECK(definition.at(interval.to) == Approx((bottom + ridge) / 2).epsilon(1e-12));
  }

  const int offsets = 400;
  for (const double ratio : {3.0, 20.0, 300.0, 3000.0}) {
    INFO("grid ratio " << ratio);
    const theory::GridCost cost = theory::grid_cost(curve, ratio);
    const theory::GridCost expected = definition.grid_cost(ratio, offsets);
    CHECK(cost.worst >= expected.worst * (1 - 1e-12));
    CHECK(cost.worst <= expected.worst * std::exp(std::log(ratio) / (2 * offsets)));
    CHECK(cost.mean == Approx(expected.mean).epsilon(1e-3));
  }
  const double tolerance = (bottom + ridge) / 2 - 1;
  const double crossing = theory::crossing_ratio(curve, tolerance);
  CHECK(definition.grid_cost(crossing * 1.02, offsets).worst > 1 + tolerance);
  for (double ratio = crossing / 1.02; ratio > 2; ratio /= 1.5)
    CHECK(definition.grid_cost(ratio, offsets).worst <= 1 + tolerance);
}

TEST_CASE("beyond the cap every grid will do") {
  // The cap of a constant schedule of 10 steps is sqrt(S_0/Q_0) = sqrt(10/H_10) = 1.8476.
  const theory::BoundCurve curve(Schedule::parse("constant"), 10);
  CHECK(curve.cap() == Approx(1.8476).epsilon(1e-4));
  CHECK(theory::crossing_ratio(curve, 0.9) == std::numeric_limits<double>::infinity());
  CHECK(std::isfinite(theory::crossing_ratio(curve, 0.8)));
  CHECK(theory::grid_cost(curve, 1e6).worst == curve.cap());
  CHECK(theory::grid_cost(curve, 1e6).mean < curve.cap());
  CHECK(theory::grid_cost(curve, 1e6).mean > 0.5 * (1 + curve.cap()));
}

TEST_CASE("a schedule that never moves has no curve") {
  // A one_cycle from 0 over a single step has h_0 = 0. The others are not 0 there: a polynomial decay has h_0
  // = (1 - 0/1)^p = 1, and a warmup of one step has h_0 = 1.
  const theory::BoundCurve curve(Schedule::parse("one_cycle(peak=0.5, initial=0)"), 1);
  REQUIRE(curve.empty());
  CHECK(theory::grid_cost(curve, 2.0).worst == std::numeric_limits<double>::infinity());
  CHECK(std::isnan(theory::crossing_ratio(curve, 0.1)));
}

TEST_CASE("the cost of coarse grids grows like g^(1/(2p+2)) for polynomials and g^(1/2) for a constant") {
  const double g = 1e4;
  struct Growth {
    double p;
    double exponent;
  };
  for (const auto& [p, exponent] : {Growth{1, 0.25}, Growth{2, 1.0 / 6}, Growth{3, 0.125}}) {
    const auto costs = theory::grid_costs(Schedule::parse("polynomial(" + std::to_string(p) + ")"), 300'000,
                                          std::vector{g, 2 * g});
    // The worst cost is ½ (2c)^(1/(1+r)) g^(r/(1+r)), since the ratio is c rho^r far above the tuned stepsize
    // and 1/(2 rho) far below it.
    const double r = 1 / (2 * p + 1);
    const double c = (2 * p + 1) / (2 * (p + 1)) * std::pow((p + 1) / p, p / (2 * p + 1));
    CHECK(costs[0].worst == Approx(std::pow(2 * c, 1 / (1 + r)) / 2 * std::pow(g, exponent)).epsilon(0.02));
    CHECK(std::log2(costs[1].worst / costs[0].worst) == Approx(exponent).epsilon(0.02));
  }
  // A constant schedule's ratio has an additional factor of ln T, so its exponent is between the bound's
  // local slope and 1/2.
  const auto constant = theory::grid_costs(Schedule::parse("constant"), 10'000'000, std::vector{1e4, 4e4});
  CHECK(std::log(constant[1].worst / constant[0].worst) / std::log(4.0) == Approx(0.5).margin(0.07));
}

TEST_CASE("for the same worst cost polynomial(p) needs p+1 times fewer points than a constant") {
  // A grid of ratio g has 1/log10(g) points per decade. For large costs ln g is (2p+2) ln(worst cost)
  // plus a constant, so compare by how much ln g grows when the worst cost doubles.
  const auto growth = [](const char* spec) {
    const auto ratios = theory::crossing_ratios(Schedule::parse(spec), 1'000'000, std::vector{3.0, 7.0});
    return std::log(ratios[1] / ratios[0]) / std::log(2.0);
  };
  CHECK(growth("linear") == Approx(4).epsilon(0.02));
  CHECK(growth("polynomial(2)") == Approx(6).epsilon(0.02));
  CHECK(growth("constant") == Approx(2).epsilon(0.15));
}
