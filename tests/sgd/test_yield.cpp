#include "linear_kernel.hpp"
#include "problems.hpp"

#include <array>
#include <cmath>

#include <catch2/catch.hpp>

using namespace rhosweep;
using namespace rhosweep::test;

namespace {

/// Returns how often a block of one trial calls its yield, if call number `last` returns false.
int yields(const problem::Problem& problem, const model::SgdSettings& sgd, int last) {
  const auto h = model::Schedule::parse("constant");
  const std::vector<sgd::Trial> trials{{&h, 0.1}};
  sgd::Multipliers multipliers;
  int calls = 0;
  const bool is_done =
      sgd::run_block(problem, sgd, 0, trials, multipliers, [&] { return ++calls != last; }).has_value();
  CHECK(is_done == (calls < last));
  return calls;
}

}  // namespace

TEST_CASE("a block ends as soon as its yield returns false") {
  CHECK(yields(*quadratic(1.0, 1.0, 1.0), {.steps = 100000, .evaluations = 1}, 3) == 3);
}

TEST_CASE("a block also yields, and ends, within long passes over the data") {
  const std::map<std::string, model::Value> data{{"samples", std::int64_t{3000}},
                                                 {"dimension", std::int64_t{100}}};
  auto hidden = data;
  hidden["hidden"] = std::vector{std::int64_t{20}};
  const auto linear = make_problem("logistic_regression", data);
  const auto mlp = make_problem("mlp", hidden);
  constexpr int never = 1 << 30;

  const model::SgdSettings one_sample{.steps = 1, .evaluations = 1};
  const model::SgdSettings all_samples{.steps = 1, .sampling = model::Sampling::full_batch, .evaluations = 1};
  for (const auto& problem : {linear, mlp}) {
    // A block of one step yields after the step, after the evaluation, and within a pass over the data: once
    // per 2·10^5 numbers, where a sample counts as many numbers as there are parameters.
    const std::int64_t numbers = 3000 * problem->dimension();
    const std::int64_t in_evaluation = numbers / 200000;
    CHECK(yields(*problem, one_sample, never) >= 2 + in_evaluation);
    CHECK(yields(*problem, all_samples, never) >= 2 + 2 * in_evaluation);
    CHECK(yields(*problem, one_sample, 3) == 3);
    CHECK(yields(*problem, all_samples, 2) == 2);
  }
}

TEST_CASE("an abandoned evaluation visits no further samples") {
  constexpr std::int64_t samples = 6400;
  const auto problem =
      make_problem("logistic_regression", {{"samples", samples}, {"dimension", std::int64_t{1024}}});
  const auto& model = dynamic_cast<const problem::LinearModel&>(*problem);
  const sgd::Yield no = [] { return false; };
  sgd::PacedYield yield(no);
  const auto kernel = sgd::make_linear_kernel<double>(model, {.steps = 1, .evaluations = 1}, 0, yield);
  sgd::Tile<double> iterates(problem->dimension());
  sgd::Tile<double> values(std::ssize(problem->metrics()));
  kernel->evaluate(std::array{sgd::Measurement<double>{&iterates, &values}});
  // At w = 0 every sample adds log 2 to the sum. The first yield comes within 200 samples.
  CHECK(values.array()(0, metric(*problem, "train_loss")) < std::log(2.0) * 200 / samples);
}
