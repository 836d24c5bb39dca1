#include "rhosweep/theory/bounds.hpp"

#include <cmath>
#include <vector>

#include <catch2/catch.hpp>

using namespace rhosweep;

TEST_CASE("a constant schedule gives S = T and the harmonic number") {
  // h = 1: S_t = T - t, so Q_0 = 1 + 1/2 + … + 1/T.
  const std::int64_t steps = 1000;
  const auto sums = theory::schedule_sums(model::Schedule::parse("constant"), steps);
  long double harmonic = 0;
  for (std::int64_t t = steps; t >= 1; --t) harmonic += 1.0L / static_cast<long double>(t);
  CHECK(sums.s0 == 1000.0);
  CHECK(sums.q0 == Approx(static_cast<double>(harmonic)).epsilon(1e-15));
}

TEST_CASE("linear decay gives S = (T+1)/2 and Q = 2 (T - H_T-like sum), by its closed form") {
  // h_t = m/T with m = T - t: S_t = m(m+1)/(2T), h_t²/S_t = 2m/(T(m+1)), so Q_0 = 2 - 2 (H_{T+1} - 1)/T.
  const std::int64_t steps = 500;
  const auto sums = theory::schedule_sums(model::Schedule::parse("linear"), steps);
  long double harmonic = 0;
  for (std::int64_t m = steps + 1; m >= 1; --m) harmonic += 1.0L / static_cast<long double>(m);
  CHECK(sums.s0 == Approx(250.5).epsilon(1e-14));
  CHECK(sums.q0 == Approx(static_cast<double>(2 - 2 * (harmonic - 1) / steps)).epsilon(1e-14));
}

TEST_CASE("no digits are lost at ten million steps") {
  const std::int64_t steps = 10'000'000;
  const auto sums = theory::schedule_sums(model::Schedule::parse("linear"), steps);
  // H_n = ln n + gamma + 1/(2n) - …
  const double n = 1e7 + 1;
  const double harmonic = std::log(n) + 0.57721566490153286 + 1 / (2 * n);
  CHECK(sums.s0 == Approx((1e7 + 1) / 2).epsilon(1e-14));
  CHECK(sums.q0 == Approx(2 - 2 * (harmonic - 1) / 1e7).epsilon(1e-14));
}

TEST_CASE("the tuned stepsize minimises the bound") {
  const auto sums = theory::schedule_sums(model::Schedule::parse("cosine"), 100);
  const double diameter = 3.0;
  const double gradient_bound = 0.7;
  const auto bound = [&](double eta) {
    return diameter * diameter / (2 * eta * sums.s0) + eta * gradient_bound * gradient_bound / 2 * sums.q0;
  };
  const double tuned = theory::tuned_stepsize(sums, diameter, gradient_bound);
  CHECK(theory::tuned_bound(sums, diameter, gradient_bound) == Approx(bound(tuned)).epsilon(1e-14));
  CHECK(bound(tuned * 1.01) > bound(tuned));
  CHECK(bound(tuned / 1.01) > bound(tuned));
}
