#include "problems.hpp"

#include <cmath>
#include <limits>
#include <vector>

#include <catch2/catch.hpp>

using namespace rhosweep;
using namespace rhosweep::test;
using model::CellStatus;

TEST_CASE("a trial above its limit is stopped, and its neighbours' bits do not change") {
  const auto precision = GENERATE(model::Precision::float64, model::Precision::float32);
  const auto problem = make_problem(
      "logistic_regression", {{"samples", std::int64_t{30}}, {"dimension", std::int64_t{5}}}, precision);
  const model::SgdSettings sgd{.steps = 1000, .batch_size = 2, .precision = precision, .evaluations = 5};
  // More trials than a tile has lanes; every other one is limited.
  std::vector<double> stepsizes;
  for (int i = 0; i < 3 * sgd::lanes; ++i) stepsizes.push_back(1e-4 * std::pow(1.5, i));
  const model::BlockResult whole = run(*problem, sgd, "constant", stepsizes);
  const std::int64_t trials = whole.trials();
  const std::int64_t loss = metric(*problem, "train_loss");
  const auto value = [&](const model::BlockResult& result, std::int64_t m, std::int64_t trial,
                         std::int64_t e) { return result.curve[(m * trials + trial) * sgd.evaluations + e]; };
  // Half of the limited trials are above the limit at the third evaluation.
  std::vector<double> losses;
  for (std::int64_t i = 0; i < trials; i += 2) losses.push_back(value(whole, loss, i, 2));
  std::ranges::nth_element(losses, losses.begin() + std::ssize(losses) / 2);
  constexpr double never = std::numeric_limits<double>::infinity();
  const std::vector<double> limits{never, never, losses[losses.size() / 2], never, never};

  const auto h = model::Schedule::parse("constant");
  std::vector<sgd::Trial> list;
  for (std::int64_t i = 0; i < trials; ++i) {
    list.push_back({&h, stepsizes[i]});
    if (i % 2 == 0) list.back().stop = {.costs = limits, .metric = loss};
  }
  sgd::Multipliers multipliers;
  const auto found = sgd::run_block(*problem, sgd, 0, list, multipliers, keep_on).value();
  std::int64_t stopped = 0;
  for (std::int64_t i = 0; i < trials; ++i) {
    if (i % 2 == 1 || !(value(whole, loss, i, 2) > limits[2])) {
      CHECK(model::same_bits(found.part(i, 1), whole.part(i, 1)));
      continue;
    }
    ++stopped;
    CHECK(found.status[i] == CellStatus::stopped);
    CHECK(found.diverged_step[i] == -1);
    for (std::int64_t m = 0; m < found.metrics(); ++m) {
      CHECK(std::isnan(found.final[m * trials + i]));
      for (std::int64_t e = 0; e < 3; ++e) {
        const double expected = value(whole, m, i, e);  // NaN without held-out data
        CHECK((value(found, m, i, e) == expected ||
               (std::isnan(value(found, m, i, e)) && std::isnan(expected))));
      }
      for (std::int64_t e = 3; e < 5; ++e) CHECK(std::isnan(value(found, m, i, e)));
    }
  }
  CHECK(stopped == (std::ssize(losses) - 1) / 2);
}

TEST_CASE("a trial that is not finite has diverged, whatever its limit") {
  const auto problem = make_problem(
      "logistic_regression", {{"samples", std::int64_t{30}}, {"dimension", std::int64_t{5}}, {"l2", 1.0}});
  const model::SgdSettings sgd{.steps = 1000, .evaluations = 4};
  const std::vector<double> limits(4, -1.0);
  const auto h = model::Schedule::parse("constant");
  const std::vector<sgd::Trial> list{{.schedule = &h, .stepsize = 1e300, .stop = {.costs = limits}}};
  sgd::Multipliers multipliers;
  const auto found = sgd::run_block(*problem, sgd, 0, list, multipliers, keep_on).value();
  CHECK(found.status[0] == CellStatus::diverged);
}
