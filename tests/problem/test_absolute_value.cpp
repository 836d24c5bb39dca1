#include "rhosweep/problem/absolute_value.hpp"
#include "rhosweep/problem/quadratic.hpp"

#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include <catch2/catch.hpp>

using namespace rhosweep::problem;

namespace {

template <class Real>
using Array = Eigen::Array<Real, Eigen::Dynamic, Eigen::Dynamic>;

}  // namespace

TEST_CASE("an absolute value's losses, distances and constants are those of the formulas") {
  const AbsoluteValue problem({.slope = 0.5, .radius = 3.0, .noise = 0.25, .dimension = 4});
  Array<double> iterates(3, 4);
  iterates << 0, 0, 0, 0, 1, -1, 1, -1, 0, 3, 0, -4;
  Array<double> values(3, 3);
  problem.evaluate(iterates, values);
  Array<double> expected(3, 3);
  expected << 0, 0, 0, 1, 1, 2, 1.75, 1.75, 5;  // slope/√dimension = 0.5/2 times the sum of |x_j|
  CHECK((values == expected).all());
  CHECK(problem.metrics().size() == 3);
  CHECK(problem.metrics()[0].name == "train_loss");
  CHECK(problem.metrics()[1].name == "excess_loss");
  CHECK(problem.metrics()[2].name == "distance");
  CHECK(problem.minimiser()->value == 0.0);
  CHECK(problem.minimiser()->w == std::vector<double>(4, 0.0));
  CHECK(problem.initial_point(0) == std::vector<double>(4, 1.5));
  CHECK(problem.diameter() == 3.0);
  CHECK(problem.samples() == 0);
}

TEST_CASE("the gradient bound of an absolute value is the root of the expected squared norm") {
  // Every coordinate of the gradient is (+-0.6 +- 0.8)/sqrt(4) with independent signs: E|g|^2 = 0.36 + 0.64.
  const AbsoluteValue problem({.slope = 0.6, .noise = 0.8, .dimension = 4});
  CHECK(problem.gradient_bound().value() == Approx(1.0).epsilon(1e-15));
  double sum = 0.0;
  constexpr std::int64_t steps = 4000;
  Array<double> iterates = Array<double>::Constant(1, 4, -0.3);
  Array<double> gradients(1, 4);
  for (std::int64_t t = 0; t < steps; ++t) {
    std::array<double, 4> noise{};
    problem.draw_noise(1, t, 1, noise);
    problem.gradient({.samples = {}, .noise = noise}, iterates, gradients);
    sum += gradients.square().sum();
  }
  // |g|^2 is 1 + 0.24 s, where s is a sum of 4 random signs. So the variance of |g|^2 is 0.24^2 * 4 = 0.2304.
  CHECK(std::abs(sum / steps - 1.0) < 5 * std::sqrt(0.2304 / steps));
  CHECK(AbsoluteValue({.slope = 2.0, .noise = 0.0}).gradient_bound() == 2.0);
  CHECK(AbsoluteValue({.gradient_bound = 3.0}).gradient_bound() == 3.0);
}

TEMPLATE_TEST_CASE("the subgradient is the slope's sign, 0 at 0, and noise is added to every trial alike", "",
                   double, float) {
  const AbsoluteValue problem({.slope = 0.3, .dimension = 1});
  Array<TestType> iterates(5, 1);
  iterates << 2, TestType(-1e-30), 0, TestType(-0.0), std::numeric_limits<TestType>::quiet_NaN();
  Array<TestType> gradients(5, 1);
  problem.gradient({}, iterates, gradients);
  const TestType slope = TestType(0.3);
  CHECK(gradients(0) == slope);
  CHECK(gradients(1) == -slope);
  CHECK(gradients(2) == TestType(0));
  CHECK(gradients(3) == TestType(0));
  CHECK(std::isnan(gradients(4)));
  const std::vector<double> noise{0.25};
  problem.gradient({.samples = {}, .noise = noise}, iterates, gradients);
  CHECK(gradients(0) == slope + TestType(0.25));
  CHECK(gradients(1) == TestType(0.25) - slope);
  CHECK(gradients(2) == TestType(0.25));
}

TEST_CASE("absolute values and quadratics draw the same noise") {
  std::array<double, 3> first{};
  std::array<double, 3> second{};
  AbsoluteValue({.noise = 2.0, .dimension = 3}).draw_noise(4, 7, 5, first);
  Quadratic({.noise = 2.0, .dimension = 3}).draw_noise(4, 7, 5, second);
  CHECK(first == second);
}
