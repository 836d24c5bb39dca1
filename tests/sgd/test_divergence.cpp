#include "problems.hpp"

#include <cmath>
#include <limits>

#include <catch2/catch.hpp>

using namespace rhosweep;
using namespace rhosweep::test;
using model::CellStatus;

TEST_CASE("a diverging trial is data, and its neighbours' bits do not change") {
  const auto precision = GENERATE(model::Precision::float64, model::Precision::float32);
  // The curvature is at least l2 = 1. Without projection, the iterates overflow at a stepsize far above
  // 2/curvature.
  const auto problem =
      make_problem("logistic_regression",
                   {{"samples", std::int64_t{30}}, {"dimension", std::int64_t{5}}, {"l2", 1.0}}, precision);
  const model::SgdSettings sgd{.steps = 1000, .batch_size = 2, .precision = precision, .evaluations = 5};
  const auto calm = run(*problem, sgd, "constant", {0.1, 0.2, 0.3});
  const auto mixed = run(*problem, sgd, "constant", {1e30, 0.1, 50.0, 0.2, 1e300, 0.3});
  CHECK(mixed.status == std::vector{CellStatus::diverged, CellStatus::done, CellStatus::diverged,
                                    CellStatus::done, CellStatus::diverged, CellStatus::done});
  const auto calm_sums = model::checksums(calm);
  const auto mixed_sums = model::checksums(mixed);
  CHECK(mixed_sums[1] == calm_sums[0]);
  CHECK(mixed_sums[3] == calm_sums[1]);
  CHECK(mixed_sums[5] == calm_sums[2]);

  const auto at = model::evaluation_steps(1000, 5);
  const double infinity = std::numeric_limits<double>::infinity();
  for (const std::int64_t trial : {0, 2, 4}) {
    CHECK(final_value(mixed, *problem, "train_loss", trial) == infinity);
    CHECK(final_value(mixed, *problem, "distance", trial) == infinity);
    CHECK(final_value(mixed, *problem, "train_accuracy", trial) == 0.0);
    // The curve is finite at the steps before the one at which the divergence was detected, and has the worst
    // value from there on.
    const std::int64_t loss = metric(*problem, "train_loss");
    for (std::size_t e = 0; e < at.size(); ++e) {
      const double value = mixed.curve[(loss * 6 + trial) * 5 + static_cast<std::int64_t>(e)];
      CHECK(std::isinf(value) == (at[e] >= mixed.diverged_step[trial]));
    }
  }
  CHECK(mixed.diverged_step[1] == -1);
}

TEST_CASE("an overflow is not hidden by the projection") {
  const auto problem = quadratic(1.0, 1.0, 0.5);  // the first gradient is 0.5 or 1.5
  const model::SgdSettings sgd{.steps = 10, .evaluations = 2};
  const auto result = run(*problem, sgd, "constant", {1e200, 1e308, 0.1});
  CHECK(result.status == std::vector{CellStatus::diverged, CellStatus::diverged, CellStatus::done});
  CHECK(result.diverged_step == std::vector<std::int64_t>{1, 1, -1});
}

TEST_CASE("a large stepsize with projection does not diverge") {
  const auto problem = quadratic(1.0, 1.0, 0.5);  // the first gradient is 0.5 or 1.5
  const model::SgdSettings sgd{.steps = 100, .evaluations = 1};
  const auto result = run(*problem, sgd, "constant", {1e6});
  CHECK(result.status[0] == CellStatus::done);
  CHECK(final_value(result, *problem, "distance", 0) <= 1.0 + 1e-15);
}
