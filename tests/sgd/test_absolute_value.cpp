#include "problems.hpp"

#include "rhosweep/problem/direct_problem.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include <catch2/catch.hpp>

using namespace rhosweep;
using namespace rhosweep::test;

namespace {

std::shared_ptr<const problem::Problem> absolute(double slope, std::int64_t dimension, double noise,
                                                 model::Precision precision = model::Precision::float64) {
  return make_problem("absolute_value", {{"slope", slope}, {"dimension", dimension}, {"noise", noise}},
                      precision);
}

/// Returns the distance to the minimiser after the last step, from the definition: subgradient plus noise,
/// step, projection onto the ball of radius 1.
double distance_by_definition(const problem::Problem& problem, double slope, double eta,
                              const model::Schedule& h, const model::SgdSettings& sgd, std::int64_t seed) {
  const auto& direct = dynamic_cast<const problem::DirectProblem&>(problem);
  const auto d = static_cast<std::size_t>(problem.dimension());
  std::vector<double> x = problem.initial_point(seed);
  std::vector<double> noise(d);
  const auto norm = [&] {
    double squares = 0.0;
    for (const double each : x) squares += each * each;
    return std::sqrt(squares);
  };
  for (std::int64_t t = 0; t < sgd.steps; ++t) {
    direct.draw_noise(seed, t, sgd.batch_size, noise);
    for (std::size_t j = 0; j < d; ++j) {
      const double sign = x[j] > 0 ? 1 : x[j] < 0 ? -1 : 0;
      x[j] -= eta * h(t, sgd.steps) * (slope / std::sqrt(static_cast<double>(d)) * sign + noise[j]);
    }
    const double scale = 1 / std::max(1.0, norm());
    for (double& each : x) each *= scale;
  }
  return norm();
}

}  // namespace

TEST_CASE("subgradient steps on absolute values, their projection included, are those of the definition") {
  const auto dimension = GENERATE(std::int64_t{1}, std::int64_t{3});
  // Without noise every gradient is that of the full batch.
  const bool is_noisy = GENERATE(true, false);
  // With a momentum other than 0, steps are not plain SGD, so they are taken one by one, with gradients from
  // DirectProblem.
  const double momentum = GENERATE(0.0, 1e-300);
  const double slope = 0.3;
  const auto problem = absolute(slope, dimension, is_noisy ? 0.7 : 0.0);
  const model::SgdSettings sgd{.steps = 200, .momentum = momentum, .evaluations = 1};
  const std::vector<double> stepsizes{0.003, 0.11, 1.7};
  for (const char* spec : {"constant", "cosine"}) {
    const auto result = run(*problem, sgd, spec, stepsizes, 5);
    for (std::size_t i = 0; i < stepsizes.size(); ++i) {
      CAPTURE(dimension, is_noisy, momentum, spec, stepsizes[i]);
      const auto h = model::Schedule::parse(spec);
      const double expected = distance_by_definition(*problem, slope, stepsizes[i], h, sgd, 5);
      const auto trial = static_cast<std::int64_t>(i);
      CHECK(final_value(result, *problem, "distance", trial) == Approx(expected).epsilon(1e-10));
      if (dimension == 1)
        CHECK(final_value(result, *problem, "excess_loss", trial) == Approx(slope * expected).epsilon(1e-10));
    }
  }
}

TEST_CASE("a trial on absolute values has the same bits in a block of any width") {
  const auto precision = GENERATE(model::Precision::float64, model::Precision::float32);
  const auto dimension = GENERATE(std::int64_t{1}, std::int64_t{3});
  const model::SgdSettings sgd{.steps = 300, .batch_size = 2, .precision = precision, .evaluations = 3};
  std::vector<double> stepsizes;
  for (int i = 0; i < 71; ++i) stepsizes.push_back(1e-3 * std::pow(1.15, i));
  check_same_bits_alone(*absolute(0.2, dimension, 1.0, precision), sgd, "linear", stepsizes);
}

TEST_CASE("a constant stepsize rests at the excess eta (slope^2 + noise^2) / 2") {
  // E x^2 is stationary where 2 eta slope E|x| = eta^2 (slope^2 + noise^2). This holds for every initial x,
  // as long as x does not reach the boundary of the ball.
  const double slope = 0.6;
  const double eta = 0.05;
  const auto problem = absolute(slope, 1, 1.0);
  constexpr std::int64_t seeds = 2000;
  double sum = 0.0;
  double squares = 0.0;
  for (std::int64_t seed = 0; seed < seeds; ++seed) {
    // After an odd number of steps x takes other values than after an even number, so take the mean over two
    // consecutive steps.
    const model::SgdSettings sgd{.steps = 401, .evaluations = 401};
    const auto result = run(*problem, sgd, "constant", {eta}, seed);
    const auto* const curve = &result.curve[metric(*problem, "excess_loss") * 401];
    const double mean = (curve[399] + curve[400]) / 2;
    sum += mean;
    squares += mean * mean;
  }
  const double mean = sum / seeds;
  const double deviation = std::sqrt((squares / seeds - mean * mean) / seeds);
  CHECK(std::abs(mean - eta * (slope * slope + 1) / 2) < 5 * deviation);
}

TEST_CASE("an iterate of absolute values that overflows is diverged, and its neighbours keep their bits") {
  const auto dimension = GENERATE(std::int64_t{1}, std::int64_t{3});
  const auto problem = absolute(0.5, dimension, 1.0, model::Precision::float32);
  const model::SgdSettings sgd{.steps = 50, .precision = model::Precision::float32, .evaluations = 2};
  const auto mixed = run(*problem, sgd, "constant", {1e-2, 1e25, 2e-2});
  using model::CellStatus;
  CHECK(mixed.status == std::vector{CellStatus::done, CellStatus::diverged, CellStatus::done});
  const auto calm = model::checksums(run(*problem, sgd, "constant", {1e-2, 2e-2}));
  CHECK(model::checksums(mixed)[0] == calm[0]);
  CHECK(model::checksums(mixed)[2] == calm[1]);
}
