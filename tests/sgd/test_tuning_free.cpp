#include "problems.hpp"

#include "rhosweep/problem/direct_problem.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

#include <catch2/catch.hpp>

using namespace rhosweep;
using namespace rhosweep::test;
using model::CellStatus;
using model::Optimizer;

namespace {

using Vector = std::vector<long double>;

model::SgdSettings settings(Optimizer kind, std::int64_t steps) {
  model::SgdSettings sgd{.steps = steps, .optimizer = kind, .evaluations = steps};
  sgd.r_epsilon = 1e-3;
  sgd.d0 = 1e-2;
  sgd.beta1 = 0.8;
  sgd.beta2 = 0.95;
  sgd.epsilon = 1e-4;
  sgd.beta = 0.7;
  return sgd;
}

/// The constants of noisy_quadratic(), a problem in three dimensions on a ball.
constexpr double curvature = 0.6;
constexpr double radius = 1.5;

std::shared_ptr<const problem::Problem> noisy_quadratic() {
  return make_problem(
      "quadratic",
      {{"curvature", curvature}, {"radius", radius}, {"noise", 0.8}, {"dimension", std::int64_t{3}}});
}

long double dot(const Vector& a, const Vector& b) {
  long double sum = 0;
  for (std::size_t j = 0; j < a.size(); ++j) sum += a[j] * b[j];
  return sum;
}

Vector minus(const Vector& a, const Vector& b) {
  Vector difference(a);
  for (std::size_t j = 0; j < a.size(); ++j) difference[j] -= b[j];
  return difference;
}

long double norm(const Vector& a) {
  return sqrtl(dot(a, a));
}

/// Returns w − scale · g.
Vector step(const Vector& w, long double scale, const Vector& g) {
  Vector next(w);
  for (std::size_t j = 0; j < w.size(); ++j) next[j] -= scale * g[j];
  return next;
}

Vector project(Vector w) {
  const long double scale = std::min(1.0L, radius / norm(w));
  for (long double& each : w) each *= scale;
  return w;
}

/// The stochastic gradient of step t at a point.
using Gradient = std::function<Vector(const Vector& w, std::int64_t t)>;

/// |w| after every step. Plain loops compute it from the papers; eta(t) is the nominal stepsize times h_t.
using Path = std::vector<double>;
using Eta = std::function<long double(std::int64_t)>;

/// Returns the path of DoG: Ivgi et al., arXiv 2302.12022, section 2.
Path dog(const model::SgdSettings& sgd, const Vector& start, const Eta& eta, const Gradient& gradient) {
  Path path;
  Vector w = start;
  long double reach = sgd.r_epsilon * (1 + norm(start));
  long double squares = 0;
  for (std::int64_t t = 0; t < sgd.steps; ++t) {
    const Vector g = gradient(w, t);
    reach = std::max(reach, norm(minus(w, start)));
    squares += dot(g, g);
    w = project(step(w, eta(t) * reach / sqrtl(squares), g));
    path.push_back(static_cast<double>(norm(w)));
  }
  return path;
}

/// Returns the path of Prodigy: Mishchenko & Defazio, arXiv 2306.06101, algorithm 4.
Path prodigy(const model::SgdSettings& sgd, const Vector& start, const Eta& eta, const Gradient& gradient) {
  Path path;
  Vector w = start;
  const std::size_t n = w.size();
  Vector m(n);
  Vector v(n);
  Vector s(n);
  long double r = 0;
  long double d = sgd.d0;
  const long double beta3 = sqrtl(sgd.beta2);
  for (std::int64_t t = 0; t < sgd.steps; ++t) {
    const Vector g = gradient(w, t);
    r = beta3 * r + (1 - beta3) * eta(t) * d * d * dot(g, minus(start, w));
    long double norm_of_s = 0;
    for (std::size_t j = 0; j < n; ++j) {
      m[j] = sgd.beta1 * m[j] + (1 - sgd.beta1) * d * g[j];
      v[j] = sgd.beta2 * v[j] + (1 - sgd.beta2) * d * d * g[j] * g[j];
      s[j] = beta3 * s[j] + (1 - beta3) * eta(t) * d * d * g[j];
      norm_of_s += std::abs(s[j]);
      w[j] -= eta(t) * d * m[j] / (sqrtl(v[j]) + d * sgd.epsilon);
    }
    w = project(w);
    d = std::max(d, r / norm_of_s);
    path.push_back(static_cast<double>(norm(w)));
  }
  return path;
}

/// Returns |x| of schedule-free SGD: Defazio et al., arXiv 2405.15682, algorithm 1, which is schedule-free
/// AdamW, without the parts that come from Adam.
Path schedule_free(const model::SgdSettings& sgd, const Vector& start, const Eta& eta,
                   const Gradient& gradient) {
  Path path;
  Vector x = start;
  Vector z = start;
  long double squares = 0;
  for (std::int64_t t = 0; t < sgd.steps; ++t) {
    Vector y(x);
    for (std::size_t j = 0; j < y.size(); ++j) y[j] = (1 - sgd.beta) * z[j] + sgd.beta * x[j];
    z = project(step(z, eta(t), gradient(y, t)));
    squares += eta(t) * eta(t);
    const long double c = eta(t) * eta(t) / squares;
    for (std::size_t j = 0; j < x.size(); ++j) x[j] = (1 - c) * x[j] + c * z[j];
    path.push_back(static_cast<double>(norm(x)));
  }
  return path;
}

std::shared_ptr<const problem::Problem> logistic_on_ball(model::Precision precision, double ball) {
  return make_problem("logistic_regression",
                      {{"samples", std::int64_t{40}}, {"dimension", std::int64_t{6}}, {"radius", ball}},
                      precision);
}

Optimizer any_kind() {
  return GENERATE(Optimizer::dog, Optimizer::prodigy, Optimizer::schedule_free);
}

}  // namespace

TEST_CASE("dog, prodigy and schedule_free follow their papers' algorithms at every step") {
  const Optimizer kind = any_kind();
  const auto problem = noisy_quadratic();
  const auto& direct = dynamic_cast<const problem::DirectProblem&>(*problem);
  const model::SgdSettings sgd = settings(kind, 120);
  const std::int64_t seed = 4;
  const Gradient gradient = [&](const Vector& w, std::int64_t t) {
    std::vector<double> noise(w.size());
    direct.draw_noise(seed, t, 1, noise);
    Vector g(w);
    for (std::size_t j = 0; j < w.size(); ++j) g[j] = curvature * w[j] + noise[j];
    return g;
  };
  const std::vector<double> point = problem->initial_point(seed);
  const Vector start(point.begin(), point.end());
  const std::string spec = GENERATE("constant", "cosine", "warmup(0.1, constant)");
  const auto h = model::Schedule::parse(spec);
  const std::vector<double> stepsizes{0.1, 1.0, 20.0};
  const auto result = run(*problem, sgd, spec, stepsizes, seed);
  const std::int64_t row = metric(*problem, "distance") * result.trials();
  for (std::size_t i = 0; i < stepsizes.size(); ++i) {
    const Eta eta = [&](std::int64_t t) { return static_cast<long double>(stepsizes[i]) * h(t, sgd.steps); };
    const auto follow = kind == Optimizer::dog ? dog : kind == Optimizer::prodigy ? prodigy : schedule_free;
    const Path expected = follow(sgd, start, eta, gradient);
    for (std::int64_t t = 0; t < sgd.steps; ++t) {
      CAPTURE(model::name_of(kind), spec, stepsizes[i], t);
      const double found = result.curve[(row + static_cast<std::int64_t>(i)) * sgd.steps + t];
      CHECK(found == Approx(expected[t]).epsilon(1e-10).margin(1e-12));
    }
  }
}

TEST_CASE("a trial of dog, prodigy or schedule_free has the same bits in a block of any width") {
  model::SgdSettings sgd = settings(any_kind(), 300);
  sgd.sampling = model::Sampling::shuffle;
  sgd.batch_size = 3;
  sgd.precision = GENERATE(model::Precision::float64, model::Precision::float32);
  sgd.evaluations = 4;
  const auto problem = logistic_on_ball(sgd.precision, GENERATE(0.0, 0.5));
  std::vector<double> stepsizes;
  for (int i = 0; i < 71; ++i) stepsizes.push_back(1e-2 * std::pow(1.1, i));
  check_same_bits_alone(*problem, sgd, "linear", stepsizes);
}

TEST_CASE("dog stands still without a gradient") {
  // The minimiser of |x| is 0, where the subgradient is 0. With stepsize 1 the first step leads from x = 1 to
  // 0, since DoG uses r_epsilon (1 + |x|) = 0.5 · 2 = 1 as the first distance.
  const auto problem = make_problem("absolute_value", {{"noise", 0.0}});
  model::SgdSettings sgd = settings(Optimizer::dog, 3);
  sgd.r_epsilon = 0.5;
  CHECK(final_value(run(*problem, sgd, "constant", {1.0}), *problem, "distance", 0) == 0.0);
  // Here the gradient is practically 0 from the start.
  const auto flat = make_problem("quadratic", {{"curvature", 1e-300}, {"noise", 0.0}, {"radius", 1e-300}});
  const auto result = run(*flat, sgd, "constant", {1.0});
  CHECK(result.status[0] == CellStatus::done);
}

TEST_CASE(
    "a trial of dog, prodigy or schedule_free that overflows is diverged, its neighbours keep their bits") {
  const Optimizer kind = any_kind();
  model::SgdSettings sgd = settings(kind, 200);
  sgd.precision = GENERATE(model::Precision::float64, model::Precision::float32);
  sgd.evaluations = 5;
  const auto problem = make_problem(
      "least_squares", {{"samples", std::int64_t{40}}, {"dimension", std::int64_t{6}}}, sgd.precision);
  const auto mixed = run(*problem, sgd, "constant", {1e-2, 1e10, 2e-2});
  // Prodigy's steps are at most 1e10 d, where d is its estimate of the distance to the minimiser. d does not
  // grow while the steps lead uphill, so nothing overflows.
  const CellStatus wild = kind == Optimizer::prodigy ? CellStatus::done : CellStatus::diverged;
  CHECK(mixed.status == std::vector{CellStatus::done, wild, CellStatus::done});
  const auto calm = model::checksums(run(*problem, sgd, "constant", {1e-2, 2e-2}));
  CHECK(model::checksums(mixed)[0] == calm[0]);
  CHECK(model::checksums(mixed)[2] == calm[1]);
}

TEST_CASE(
    "a squared gradient that overflows counts as divergence, though dog and prodigy would stand still") {
  // Both 1e25² and (1e-2 · 1e25)² overflow in float32.
  const auto problem = quadratic(1.0, 1e25, 0.0, model::Precision::float32);
  model::SgdSettings sgd = settings(GENERATE(Optimizer::dog, Optimizer::prodigy), 2);
  sgd.precision = model::Precision::float32;
  const auto result = run(*problem, sgd, "constant", {0.1});
  CHECK(result.status[0] == CellStatus::diverged);
}
