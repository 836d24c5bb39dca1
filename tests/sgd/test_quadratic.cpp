#include "problems.hpp"

#include "rhosweep/problem/direct_problem.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include <catch2/catch.hpp>

using namespace rhosweep;
using namespace rhosweep::test;

namespace {

model::SgdSettings exact_gradients(std::int64_t steps) {
  return {.steps = steps, .sampling = model::Sampling::full_batch, .evaluations = 1};
}

/// Returns |x_T| of the noiseless quadratic with heavy-ball or Nesterov momentum, from the scalar recursion
/// in extended precision.
double heavy_ball(double curvature, double start, double eta, double mu, bool nesterov,
                  const model::Schedule& h, std::int64_t steps) {
  long double x = start;
  long double m = 0;
  for (std::int64_t t = 0; t < steps; ++t) {
    const long double g = curvature * x;
    m = mu * m + g;
    x -= static_cast<long double>(eta * h(t, steps)) * (nesterov ? g + mu * m : m);
  }
  return static_cast<double>(std::abs(x));
}

}  // namespace

TEST_CASE("gradient descent on a quadratic contracts by 1 - eta h_t lambda at every step") {
  const double lambda = 0.7;
  const auto problem = quadratic(lambda, 3.0, 1.0);
  const std::string spec = GENERATE("constant", "linear", "cosine");
  const auto h = model::Schedule::parse(spec);
  const std::vector<double> stepsizes{0.01, 0.5, 1.2};
  const auto result = run(*problem, exact_gradients(50), spec, stepsizes);
  for (std::size_t i = 0; i < stepsizes.size(); ++i) {
    long double x = 3.0;
    for (int t = 0; t < 50; ++t) x *= 1 - stepsizes[i] * lambda * h(t, 50);
    const auto trial = static_cast<std::int64_t>(i);
    CHECK(final_value(result, *problem, "distance", trial) ==
          Approx(static_cast<double>(std::abs(x))).epsilon(1e-12));
    CHECK(final_value(result, *problem, "excess_loss", trial) ==
          Approx(static_cast<double>(lambda / 2 * x * x)).epsilon(1e-12));
  }
}

TEST_CASE("a weight that has become denormal is replaced by zero, whenever the metrics are evaluated") {
  // x_t = 0.75^t. Plain float32 arithmetic would stop at 2^-148, because 0.75 * 2^-148 rounds to 2^-148.
  const auto problem = quadratic(1.0, 1.0, 0.0, model::Precision::float32);
  const auto distance = [&](std::int64_t steps, std::int64_t evaluations) {
    model::SgdSettings sgd = exact_gradients(steps);
    sgd.precision = model::Precision::float32;
    sgd.evaluations = evaluations;
    return final_value(run(*problem, sgd, "constant", {0.25}), *problem, "distance", 0);
  };
  CHECK(distance(290, 1) == Approx(std::pow(0.75, 290)).epsilon(1e-5).margin(0));
  CHECK(distance(1024, 1) == 0.0);
  CHECK(distance(1024, 5) == 0.0);
  CHECK(distance(400, 7) == distance(400, 1));
}

TEST_CASE("heavy ball and Nesterov momentum follow PyTorch's recursion") {
  const auto problem = quadratic(0.9, 2.0, 0.0);
  const bool nesterov = GENERATE(false, true);
  model::SgdSettings sgd = exact_gradients(40);
  sgd.momentum = 0.8;
  sgd.nesterov = nesterov;
  const auto h = model::Schedule::parse("linear");
  const auto result = run(*problem, sgd, "linear", {0.05, 0.3});
  CHECK(final_value(result, *problem, "distance", 0) ==
        Approx(heavy_ball(0.9, 2.0, 0.05, 0.8, nesterov, h, 40)).epsilon(1e-11));
  CHECK(final_value(result, *problem, "distance", 1) ==
        Approx(heavy_ball(0.9, 2.0, 0.3, 0.8, nesterov, h, 40)).epsilon(1e-11));
}

TEST_CASE("the averaged iterate is the mean of w_1 … w_T") {
  const auto problem = quadratic(1.0, 1.0, 0.0);
  model::SgdSettings sgd = exact_gradients(5);
  sgd.iterate = model::Iterate::average;
  const auto result = run(*problem, sgd, "constant", {0.5});
  // x_t = 2^-t, so the mean over t = 1 … 5 is (1 - 2^-5)/5.
  CHECK(final_value(result, *problem, "distance", 0) == Approx((1 - 1.0 / 32) / 5).epsilon(1e-14));
}

TEST_CASE("every noisy step is projected onto the ball") {
  // x_{t+1} = clamp(x_t - eta (lambda x_t + noise_t)), with the noise drawn directly from the problem.
  const double lambda = 0.2;
  const double radius = 1.5;
  const auto problem = quadratic(lambda, radius, 1.0);
  const auto& direct = dynamic_cast<const problem::DirectProblem&>(*problem);
  model::SgdSettings sgd{.steps = 300, .evaluations = 1};
  const std::vector<double> stepsizes{0.1, 2.0, 50.0};
  const auto result = run(*problem, sgd, "constant", stepsizes, 11);
  for (std::size_t i = 0; i < stepsizes.size(); ++i) {
    double x = radius;
    bool clamped = false;
    for (std::int64_t t = 0; t < sgd.steps; ++t) {
      std::array<double, 1> noise{};
      direct.draw_noise(11, t, 1, noise);
      const double next = x - stepsizes[i] * (lambda * x + noise[0]);
      clamped = clamped || std::abs(next) > radius;
      x = std::clamp(next, -radius, radius);
    }
    CHECK(clamped);
    CHECK(final_value(result, *problem, "distance", static_cast<std::int64_t>(i)) ==
          Approx(std::abs(x)).epsilon(1e-9));
  }
}

TEST_CASE("the learning curve holds the metrics at its steps and ends with the final ones") {
  const double lambda = 0.5;
  const auto problem = quadratic(lambda, 1.0, 0.0);
  model::SgdSettings sgd = exact_gradients(64);
  sgd.evaluations = 4;  // after steps 1, 4, 16 and 64
  const auto result = run(*problem, sgd, "constant", {0.1, 0.2});
  const auto at = model::evaluation_steps(64, 4);
  REQUIRE(at == std::vector<std::int64_t>{1, 4, 16, 64});
  const std::int64_t distance = metric(*problem, "distance");
  for (std::int64_t trial = 0; trial < 2; ++trial) {
    const double rate = 1 - static_cast<double>(trial + 1) * 0.1 * lambda;
    for (std::int64_t e = 0; e < 4; ++e) {
      CHECK(result.curve[(distance * 2 + trial) * 4 + e] ==
            Approx(std::pow(rate, static_cast<double>(at[e]))).epsilon(1e-12));
    }
    CHECK(result.curve[(distance * 2 + trial) * 4 + 3] == final_value(result, *problem, "distance", trial));
  }
}

TEST_CASE("float32 runs in float32") {
  const auto problem = quadratic(0.7, 3.0, 0.0, model::Precision::float32);
  model::SgdSettings sgd = exact_gradients(30);
  sgd.precision = model::Precision::float32;
  const auto result = run(*problem, sgd, "constant", {0.1});
  float x = 3.0F;
  for (int t = 0; t < 30; ++t) x -= 0.1F * (0.7F * x);
  const double found = final_value(result, *problem, "distance", 0);
  CHECK(found == Approx(static_cast<double>(x)).epsilon(1e-5));
  CHECK(found == static_cast<double>(static_cast<float>(found)));
}
