#include "problems.hpp"

#include "rhosweep/core/hash.hpp"
#include "rhosweep/sgd/lanes.hpp"
#include "rhosweep/sgd/lockstep_runner.hpp"

#include <cmath>
#include <memory>
#include <vector>

#include <catch2/catch.hpp>

using namespace rhosweep;
using test::keep_on;

namespace {

sgd::LockstepRunner runner_of(const std::shared_ptr<const problem::Problem>& problem) {
  return {problem, std::make_shared<sgd::Multipliers>()};
}

std::shared_ptr<const problem::Problem> wide(std::int64_t dimension) {
  return make_problem("quadratic", {{"dimension", dimension}});
}

}  // namespace

TEST_CASE("a runner gives the trials of a block what run_block gives them") {
  const auto problem = test::quadratic(1.0, 1.0, 0.5);
  const auto linear = model::Schedule::parse("linear");
  const model::SgdSettings sgd{.steps = 50, .evaluations = 3};
  const std::vector<model::Trial> trials{{&linear, 0.1}, {&linear, 0.3}};
  sgd::Multipliers multipliers;
  const auto expected = sgd::run_block(*problem, sgd, 3, trials, multipliers, keep_on);
  const auto found = runner_of(problem).run(sgd, 3, trials, keep_on);
  CHECK(model::checksums(*found) == model::checksums(*expected));
}

TEST_CASE("blocks are whole tiles, fewer for larger iterates, never none") {
  const model::SgdSettings sgd{.steps = 10};
  const auto most = [&](std::int64_t dimension) { return runner_of(wide(dimension)).widths(sgd).most; };
  CHECK(runner_of(wide(1)).widths(sgd).step == sgd::lanes);
  CHECK(most(1) > most(200));
  CHECK(most(10'000'000) == sgd::lanes);
}

TEST_CASE("a trial's memory is what the optimizer keeps of every parameter, and its gradient") {
  model::SgdSettings sgd{.steps = 10};
  CHECK(runner_of(wide(100)).cost(sgd).bytes == 100 * 2 * 8);
  sgd.momentum = 0.9;
  CHECK(runner_of(wide(100)).cost(sgd).bytes == 100 * 3 * 8);
  sgd.precision = model::Precision::float32;
  CHECK(runner_of(wide(100)).cost(sgd).bytes == 100 * 3 * 4);
  CHECK(runner_of(wide(100)).cost(sgd).counts_operations);
}

TEST_CASE("metrics at the start are those of the objective there") {
  // Every seed starts at x = 2: the loss is curvature x^2/2 = 6, and the distance to the minimiser 0 is 2.
  const auto problem = test::quadratic(3.0, 2.0, 1.0);
  const auto start = runner_of(problem).initial_metrics({.steps = 10}, std::vector<std::int64_t>{0, 7});
  CHECK(start == std::vector<double>{6, 6, 6, 6, 2, 2});
}

TEST_CASE("the constants are those of the problem, and the theory's where it is convex and projected") {
  const auto problem = test::quadratic(3.0, 2.0, 1.0);
  const model::ObjectiveConstants known = runner_of(problem).constants();
  CHECK(known.f_star == 0.0);
  CHECK(known.diameter == problem->diameter());
  CHECK(known.gradient_bound == problem->gradient_bound());
  CHECK(known.is_bounded_by_theory);
  CHECK(known.missing.empty());
  const std::map<std::string, model::Value> small{{"samples", std::int64_t{20}},
                                                  {"dimension", std::int64_t{2}}};
  CHECK_FALSE(runner_of(make_problem("logistic_regression", small)).constants().is_bounded_by_theory);
  CHECK_FALSE(runner_of(make_problem("mlp", small)).constants().f_star.has_value());
}

TEST_CASE("the minimiser is part of what determines a trial's metrics") {
  const auto identity = [](const std::shared_ptr<const problem::Problem>& problem) {
    core::Hash hash;
    runner_of(problem).add_identity(hash);
    return hash.digest();
  };
  const std::map<std::string, model::Value> small{{"samples", std::int64_t{20}},
                                                  {"dimension", std::int64_t{2}}};
  CHECK(identity(make_problem("mlp", small)) == core::Hash().digest());
  CHECK(identity(wide(1)) != core::Hash().digest());
  CHECK(identity(wide(1)) != identity(wide(2)));
}
