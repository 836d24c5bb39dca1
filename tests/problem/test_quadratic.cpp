#include "rhosweep/core/random.hpp"
#include "rhosweep/problem/quadratic.hpp"

#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include <catch2/catch.hpp>

using namespace rhosweep::problem;
using rhosweep::core::Purpose;
using rhosweep::core::RandomStream;

namespace {

template <class Real>
using Array = Eigen::Array<Real, Eigen::Dynamic, Eigen::Dynamic>;

std::vector<double> noise_of(const Quadratic& problem, std::int64_t seed, std::int64_t step,
                             std::int64_t batch_size) {
  std::vector<double> noise(static_cast<std::size_t>(problem.noise_size()),
                            std::numeric_limits<double>::quiet_NaN());
  problem.draw_noise(seed, step, batch_size, noise);
  return noise;
}

}  // namespace

TEST_CASE("a quadratic's values, distances and constants are those of the formulas") {
  const Quadratic problem({.curvature = 0.5, .radius = 3.0, .noise = 0.25, .dimension = 2});
  Array<double> iterates(3, 2);
  iterates << 0, 0, 3, 4, -1, 2;
  Array<double> values(3, 3);
  problem.evaluate(iterates, values);
  Array<double> expected(3, 3);
  expected << 0, 0, 0, 6.25, 6.25, 5, 1.25, 1.25, std::sqrt(5.0);
  CHECK((values == expected).all());
  CHECK(problem.metrics().size() == 3);
  CHECK(problem.metrics()[0].name == "train_loss");
  CHECK(problem.metrics()[1].name == "excess_loss");
  CHECK(problem.metrics()[2].name == "distance");
  CHECK(problem.minimiser()->value == 0.0);
  CHECK(problem.minimiser()->w == std::vector<double>{0, 0});
  CHECK(problem.diameter() == 3.0);
  CHECK(problem.is_convex());
  // The bound is sqrt(0.25^2 + (0.5*3)^2).
  CHECK(*problem.gradient_bound() == Approx(1.5206906325745548).epsilon(1e-15));
  CHECK(problem.samples() == 0);
}

TEST_CASE("a quadratic starts on the sphere in the direction of (1, ..., 1)") {
  const Quadratic problem({.radius = 3.0, .dimension = 9});
  CHECK(problem.initial_point(0) == std::vector<double>(9, 1.0));
}

TEST_CASE("the gradient bound is the key, else the mean squared gradient where it is largest") {
  CHECK(Quadratic({.noise = 0.5, .gradient_bound = 2.0}).gradient_bound() == 2.0);
  CHECK(*Quadratic({.curvature = 2.0, .radius = 1.5, .noise = 4.0}).gradient_bound() == 5.0);
  CHECK(*Quadratic({.curvature = 0.25, .radius = 2.0, .noise = 0.0}).gradient_bound() == 0.5);
}

TEST_CASE("no mean squared stochastic gradient of a quadratic is above G^2, and the sphere attains it") {
  const Quadratic problem({.curvature = 0.75, .radius = 2.0, .noise = 1.25, .dimension = 3});
  const std::vector<double> start = problem.initial_point(0);
  const int draws = 4000;
  for (const double share : {0.0, 0.5, 1.0}) {
    Array<double> iterate(1, 3);
    for (int j = 0; j < 3; ++j) iterate(0, j) = share * start[j];
    double sum = 0.0;
    for (int step = 0; step < draws; ++step) {
      const std::vector<double> noise = noise_of(problem, 5, step, 1);
      Array<double> gradient(1, 3);
      problem.gradient({.samples = {}, .noise = noise}, iterate, gradient);
      sum += gradient.square().sum();
    }
    // |slope + noise|^2 varies by its cross term, twice the product of the slope (at most 1.5) and the noise
    // in one of 3 directions (1.25/sqrt(3)). So the standard error of the mean of the draws is below 0.035.
    const double expected = 1.25 * 1.25 + share * share * 1.5 * 1.5;
    CHECK(sum / draws == Approx(expected).margin(0.18));
    CHECK(expected <= *problem.gradient_bound() * *problem.gradient_bound() * (1 + 1e-15));
  }
}

TEMPLATE_TEST_CASE("the gradient is exact without noise, and noise is added to every trial alike", "", double,
                   float) {
  const Quadratic problem({.curvature = 0.3, .dimension = 2});
  Array<TestType> iterates(3, 2);
  iterates << 1, 2, -3, 0.5, 0, 7;
  Array<TestType> gradients(3, 2);
  problem.gradient({}, iterates, gradients);
  CHECK((gradients == TestType(0.3) * iterates).all());
  const std::vector<double> noise{0.25, -0.5};
  Array<TestType> noisy(3, 2);
  problem.gradient({.samples = {}, .noise = noise}, iterates, noisy);
  CHECK((noisy.col(0) == gradients.col(0) + TestType(0.25)).all());
  CHECK((noisy.col(1) == gradients.col(1) - TestType(0.5)).all());
}

TEMPLATE_TEST_CASE("a trial that overflows does not touch its neighbours", "", double, float) {
  const Quadratic problem({.curvature = 2.0, .dimension = 2});
  const TestType bad =
      GENERATE(std::numeric_limits<TestType>::infinity(), std::numeric_limits<TestType>::quiet_NaN());
  Array<TestType> healthy = Array<TestType>::Constant(16, 2, TestType(0.7));
  Array<TestType> mixed = healthy;
  mixed.row(3).setConstant(bad);
  const std::vector<double> noise{0.1, 0.2};
  const auto results = [&](const Array<TestType>& iterates) {
    Array<TestType> gradients(16, 2);
    Array<double> values(16, 3);
    problem.gradient({.samples = {}, .noise = noise}, iterates, gradients);
    problem.evaluate(iterates, values);
    Array<double> all(16, 5);
    all << gradients.template cast<double>(), values;
    return all;
  };
  const Array<double> expected = results(healthy);
  const Array<double> found = results(mixed);
  for (Eigen::Index i = 0; i < 16; ++i) CHECK((found.row(i) == expected.row(i)).all() == (i != 3));
  CHECK_FALSE(std::isfinite(found(3, 2)));
}

TEST_CASE("the noise of a batch is the mean of the documented signs") {
  // 50 samples of 7 coordinates take 350 random bits, hence 3 lanes. Some coordinates cross words and lanes.
  const Quadratic problem({.noise = 2.0, .dimension = 7});
  const auto noise = noise_of(problem, 11, 1234, 50);
  const RandomStream stream(11, Purpose::noise);
  for (std::int64_t j = 0; j < 7; ++j) {
    double sum = 0.0;
    for (std::int64_t b = 0; b < 50; ++b) {
      const std::int64_t k = j * 50 + b;
      const auto words = stream.bits(1234, static_cast<std::uint32_t>(k / 128));
      sum += (words[static_cast<std::size_t>(k / 32 % 4)] >> (k % 32) & 1U) != 0U ? 1.0 : -1.0;
    }
    CHECK(noise[static_cast<std::size_t>(j)] == Approx(2.0 / std::sqrt(7.0) * sum / 50));
  }
}

TEST_CASE("the noise has mean zero and mean squared norm noise^2 / batch size") {
  const auto batch_size = GENERATE(1, 3, 40);
  const Quadratic problem({.noise = 0.5, .dimension = 3});
  constexpr std::int64_t steps = 20000;
  std::vector<double> sums(3, 0.0);
  double squares = 0.0;
  for (std::int64_t t = 0; t < steps; ++t) {
    const auto noise = noise_of(problem, 1, t, batch_size);
    for (std::size_t j = 0; j < 3; ++j) sums[j] += noise[j];
    squares += std::inner_product(noise.begin(), noise.end(), noise.begin(), 0.0);
  }
  const double n = steps;
  const double b = batch_size;
  // With batch size B, a coordinate has the variance v = noise²/(3 B), and its square has the variance
  // 2 v² (1 − 1/B).
  const double variance = 0.25 / (3 * b);
  for (const double sum : sums) CHECK(std::abs(sum / n) < 5 * std::sqrt(variance / n));
  const double deviation = 5 * std::sqrt(3 * 2 * variance * variance * (1 - 1 / b) / n) + 1e-12;
  CHECK(std::abs(squares / n - 0.25 / b) < deviation);
}

TEST_CASE("the noise is a function of seed, step and batch size alone") {
  const Quadratic problem({.dimension = 64});
  CHECK(noise_of(problem, 5, 9, 4) == noise_of(problem, 5, 9, 4));
  CHECK(noise_of(problem, 5, 9, 4) != noise_of(problem, 6, 9, 4));
  CHECK(noise_of(problem, 5, 9, 4) != noise_of(problem, 5, 10, 4));
  CHECK(noise_of(Quadratic({.noise = 0.0, .dimension = 2}), 5, 9, 4) == std::vector<double>{0, 0});
}
