#include "problems.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <vector>

#include <catch2/catch.hpp>

using namespace rhosweep;
using namespace rhosweep::test;
using model::CellStatus;
using model::Optimizer;

namespace {

model::SgdSettings adamw(std::int64_t steps) {
  return {.steps = steps,
          .sampling = model::Sampling::full_batch,
          .optimizer = Optimizer::adamw,
          .beta1 = 0.8,
          .beta2 = 0.95,
          .epsilon = 1e-3,
          .weight_decay = 0.3,
          .evaluations = steps};
}

model::SgdSettings sign_momentum(std::int64_t steps) {
  return {.steps = steps,
          .sampling = model::Sampling::full_batch,
          .optimizer = Optimizer::sign_momentum,
          .beta1 = 0.9,
          .beta2 = 0.7,
          .weight_decay = 0.3,
          .evaluations = steps};
}

/// Returns |w| of a quadratic of one parameter after every step, in extended precision. `rule` computes
/// w_{t+1} from w_t, its gradient and η h_t.
std::vector<double> distances(double curvature, double start, double eta, const model::Schedule& h,
                              std::int64_t steps,
                              const std::function<long double(long double, long double, long double)>& rule) {
  std::vector<double> list;
  long double w = start;
  for (std::int64_t t = 0; t < steps; ++t) {
    w = rule(w, curvature * w, static_cast<long double>(eta) * h(t, steps));
    list.push_back(static_cast<double>(std::abs(w)));
  }
  return list;
}

/// Returns the update of AdamW: Adam (Kingma & Ba, arXiv 1412.6980, algorithm 1) with the weight decay of
/// Loshchilov & Hutter, algorithm 2. As in PyTorch, the decay is multiplied by the stepsize.
auto adamw_rule(const model::SgdSettings& sgd) {
  return [sgd, m = 0.0L, v = 0.0L, t = 0](long double w, long double g, long double eta) mutable {
    ++t;
    m = sgd.beta1 * m + (1 - sgd.beta1) * g;
    v = sgd.beta2 * v + (1 - sgd.beta2) * g * g;
    const long double mean = m / (1 - powl(sgd.beta1, t));
    const long double square = v / (1 - powl(sgd.beta2, t));
    return w - eta * sgd.weight_decay * w - eta * mean / (sqrtl(square) + sgd.epsilon);
  };
}

/// Returns the update of Lion: Chen et al., arXiv 2302.06675, algorithm 2.
auto lion_rule(const model::SgdSettings& sgd) {
  return [sgd, m = 0.0L](long double w, long double g, long double eta) mutable {
    const long double c = sgd.beta1 * m + (1 - sgd.beta1) * g;
    m = sgd.beta2 * m + (1 - sgd.beta2) * g;
    const long double sign = c > 0 ? 1 : c < 0 ? -1 : 0;
    return w - eta * (sign + sgd.weight_decay * w);
  };
}

/// Returns a logistic regression with few samples.
std::shared_ptr<const problem::Problem> logistic(model::Precision precision, double radius) {
  return make_problem("logistic_regression",
                      {{"samples", std::int64_t{40}}, {"dimension", std::int64_t{6}}, {"radius", radius}},
                      precision);
}

}  // namespace

TEST_CASE("adamw and sign_momentum follow their papers' recursions at every step") {
  const bool is_adamw = GENERATE(true, false);
  const model::SgdSettings sgd = is_adamw ? adamw(60) : sign_momentum(60);
  const auto problem = quadratic(0.7, 3.0, 0.0);
  const std::string spec = GENERATE("constant", "cosine");
  const auto h = model::Schedule::parse(spec);
  const std::vector<double> stepsizes{0.001, 0.03, 0.2};
  const auto result = run(*problem, sgd, spec, stepsizes);
  const std::int64_t row = metric(*problem, "distance") * result.trials();
  for (std::size_t i = 0; i < stepsizes.size(); ++i) {
    const auto expected = is_adamw ? distances(0.7, 3.0, stepsizes[i], h, sgd.steps, adamw_rule(sgd))
                                   : distances(0.7, 3.0, stepsizes[i], h, sgd.steps, lion_rule(sgd));
    for (std::int64_t t = 0; t < sgd.steps; ++t) {
      CAPTURE(is_adamw, spec, stepsizes[i], t);
      const double found = result.curve[(row + static_cast<std::int64_t>(i)) * sgd.steps + t];
      CHECK(found == Approx(expected[t]).epsilon(1e-11).margin(1e-12));
    }
  }
}

TEST_CASE("the running average is of the iterates that adamw and sign_momentum make") {
  const auto kind = GENERATE(Optimizer::adamw, Optimizer::sign_momentum);
  model::SgdSettings sgd = kind == Optimizer::adamw ? adamw(5) : sign_momentum(5);
  sgd.evaluations = 1;
  sgd.iterate = model::Iterate::average;
  const auto h = model::Schedule::parse("constant");
  const auto problem = quadratic(1.0, 3.0, 0.0);
  const auto path = kind == Optimizer::adamw ? distances(1.0, 3.0, 0.1, h, 5, adamw_rule(sgd))
                                             : distances(1.0, 3.0, 0.1, h, 5, lion_rule(sgd));
  double sum = 0.0;
  // All iterates are positive, so the distance of their mean is the mean of their distances.
  for (const double distance : path) sum += distance;
  CHECK(final_value(run(*problem, sgd, "constant", {0.1}), *problem, "distance", 0) ==
        Approx(sum / 5).epsilon(1e-12));
}

TEST_CASE("a trial of any optimizer has the same bits in a block of any width") {
  const auto kind = GENERATE(Optimizer::adamw, Optimizer::sign_momentum);
  const auto precision = GENERATE(model::Precision::float64, model::Precision::float32);
  const double radius = GENERATE(0.0, 0.5);
  model::SgdSettings sgd = kind == Optimizer::adamw ? adamw(300) : sign_momentum(300);
  sgd.sampling = model::Sampling::shuffle;
  sgd.batch_size = 3;
  sgd.precision = precision;
  sgd.evaluations = 4;
  const auto problem = logistic(precision, radius);
  std::vector<double> stepsizes;
  for (int i = 0; i < 71; ++i) stepsizes.push_back(1e-4 * std::pow(1.2, i));
  check_same_bits_alone(*problem, sgd, "linear", stepsizes);
}

TEST_CASE("iterates of adamw and sign_momentum are projected") {
  const auto kind = GENERATE(Optimizer::adamw, Optimizer::sign_momentum);
  model::SgdSettings sgd = kind == Optimizer::adamw ? adamw(20) : sign_momentum(20);
  sgd.weight_decay = 0.0;
  sgd.evaluations = 1;
  const auto problem = quadratic(1.0, 2.0, 0.0);
  const auto result = run(*problem, sgd, "constant", {1e5});
  CHECK(final_value(result, *problem, "distance", 0) <= 2.0 + 1e-15);
}

TEST_CASE("sign_momentum takes steps of eta, whatever the gradient's size") {
  const auto problem = quadratic(1.0, 1.0, 0.0);
  model::SgdSettings sgd = sign_momentum(3);
  sgd.weight_decay = 0.0;
  sgd.evaluations = 3;
  // The first trial takes steps of 1. It goes from x = 1 to 0, where the gradient is 0 but m = 0.3 > 0, so
  // the next step leads to -1. There the gradient is -1, but m = 0.21 outweighs it: 0.9 * 0.21 - 0.1 * 1 > 0.
  // The step would lead to -2, and the projection keeps x at -1. The second trial goes from 1 to 0.25 in
  // three steps.
  const auto result = run(*problem, sgd, "constant", {1.0, 0.25});
  const std::int64_t row = metric(*problem, "distance") * result.trials();
  const std::vector<double> whole(result.curve.begin() + row * 3, result.curve.begin() + row * 3 + 3);
  CHECK(whole == std::vector{0.0, 1.0, 1.0});
  CHECK(result.curve[(row + 1) * 3 + 2] == 0.25);
}

TEST_CASE(
    "a trial of adamw or sign_momentum that overflows is diverged, and its neighbours keep their bits") {
  const auto kind = GENERATE(Optimizer::adamw, Optimizer::sign_momentum);
  const auto precision = GENERATE(model::Precision::float64, model::Precision::float32);
  model::SgdSettings sgd = kind == Optimizer::adamw ? adamw(200) : sign_momentum(200);
  sgd.precision = precision;
  sgd.evaluations = 5;
  const auto problem = logistic(precision, 0.0);
  // The weight decay λ multiplies w by 1 − η λ in every step, so at η = 1e10 the iterates overflow.
  const auto mixed = run(*problem, sgd, "constant", {1e-2, 1e10, 2e-2});
  CHECK(mixed.status == std::vector{CellStatus::done, CellStatus::diverged, CellStatus::done});
  const auto calm = model::checksums(run(*problem, sgd, "constant", {1e-2, 2e-2}));
  CHECK(model::checksums(mixed)[0] == calm[0]);
  CHECK(model::checksums(mixed)[2] == calm[1]);
}

TEST_CASE("a squared gradient that overflows counts as divergence, though adamw would stand still") {
  // 1e25² overflows in float32.
  const auto problem = quadratic(1.0, 1e25, 0.0, model::Precision::float32);
  model::SgdSettings sgd = adamw(2);
  sgd.precision = model::Precision::float32;
  const auto result = run(*problem, sgd, "constant", {0.1});
  CHECK(result.status[0] == CellStatus::diverged);
}
