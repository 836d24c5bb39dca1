#include "rhosweep/core/error.hpp"
#include "rhosweep/process/child.hpp"
#include "rhosweep/program/command_kind.hpp"

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace rhosweep;
using Catch::Matchers::Contains;
using model::Value;
using Metrics = std::vector<model::DeclaredMetric>;
using Words = std::vector<std::string>;

namespace {

model::ProblemSettings settings_of(const Words& command, std::map<std::string, Value> own = {}) {
  std::map<std::string, Value> values = std::move(own);
  values["command"] = command;
  values.try_emplace("metrics", Metrics{{"train_loss"}});
  values.try_emplace("timeout", 60.0);
  values.try_emplace("attempts", std::int64_t{1});
  values.try_emplace("mode", std::string("once"));
  values.try_emplace("trials_at_once", std::int64_t{1});
  return {std::string(program::command_name), values, "."};
}

const model::Schedule& constant() {
  static const auto schedule = model::Schedule::parse("constant");
  return schedule;
}

bool keep_on() {
  return true;
}

/// Keeps a guard from running the tests: the guard of a program is a second process of this executable
/// (process::run_guard).
[[gnu::constructor]] void become_guard(int argc, char** argv) {
  if (const auto code = process::run_guard(argc, argv)) std::_Exit(*code);
}

}  // namespace

TEST_CASE("the kind of programs and every key of it is documented") {
  const model::KindDocumentation kind = program::command_kind();
  CHECK(kind.schema.kind == program::command_name);
  for (const std::string& text : {kind.schema.summary, kind.objective, kind.metrics, kind.constants})
    CHECK_FALSE(text.empty());
  CHECK_FALSE(kind.schema.samplings.empty());
  for (const model::KeySpec& key : kind.schema.keys) CHECK_FALSE(key.help.empty());
}

TEST_CASE("no argument of a program looks like two, and none begins a line") {
  const auto runner =
      program::make_runner(settings_of({"sh", "-c", "true\", \"x", "one\n  [\"two\"]", "\\n", "\x1b[31m"}),
                           {}, program::make_living_program());
  CHECK(runner->program().value() ==
        R"(["sh", "-c", "true\", \"x", "one\n  [\"two\"]", "\\n", "\u001b[31m"] in )" +
            std::filesystem::absolute(".").string());
}

TEST_CASE("of a program nothing is known but its metrics and its steps") {
  const auto runner =
      program::make_runner(settings_of({"true"}, {{"metrics", Metrics{{"train_loss"}, {"perplexity"}}}}), {},
                           program::make_living_program());
  REQUIRE(runner->metrics().size() == 2);
  CHECK(runner->metrics()[1].name == "perplexity");
  const model::SgdSettings sgd{.steps = 40, .evaluations = 4};
  CHECK(runner->cost(sgd).work == 40.0);
  CHECK_FALSE(runner->cost(sgd).counts_operations);
  CHECK_FALSE(runner->cost(sgd).bytes.has_value());
  CHECK(runner->widths(sgd).most == 1);
  CHECK_FALSE(runner->repeats_itself());
  const model::ObjectiveConstants known = runner->constants();
  CHECK_FALSE((known.f_star || known.diameter || known.gradient_bound || known.is_bounded_by_theory));
  CHECK_FALSE(known.missing.empty());
  const auto start = runner->initial_metrics(sgd, std::vector<std::int64_t>{0, 1, 2});
  REQUIRE(start.size() == 6);
  for (const double value : start) CHECK(std::isnan(value));
}

TEST_CASE("every trial of a block is a run of its own, told its stepsize, rho, seed and parameters") {
  const auto runner = program::make_runner(
      settings_of({"sh", "-c",
                   R"(echo "{{\"step\": {steps}, \"train_loss\": {stepsize}{rho}{seed}{size}{device}}}")"},
                  {{"size", Value{std::int64_t{5}}}, {"devices_per_node", Value{std::int64_t{2}}}}),
      {.rank = 7}, program::make_living_program());
  const std::vector<model::Trial> trials{{&constant(), 0.5, 2.0}, {&constant(), 0.25, 1.0}};
  const auto result = runner->run({.steps = 3, .evaluations = 1}, 4, trials, keep_on);
  REQUIRE(result.has_value());
  REQUIRE(result->trials() == 2);
  // The program writes stepsize, rho, seed, size and device (7 mod 2 = 1) one after another, as one number.
  CHECK(result->final[0] == 0.52451);
  CHECK(result->final[1] == 0.251451);
}

TEST_CASE("a program that fails is data, and one that is not there an error before the run") {
  const model::SgdSettings sgd{.steps = 3, .evaluations = 1};
  const std::vector<model::Trial> trials{{&constant(), 0.5, 2.0}};
  const auto failing =
      program::make_runner(settings_of({"sh", "-c", "exit 3"}), {}, program::make_living_program());
  failing->require_runnable(sgd, trials[0]);
  const auto result = failing->run(sgd, 0, trials, keep_on);
  REQUIRE(result.has_value());
  CHECK(result->status[0] == model::CellStatus::failed);
  CHECK_FALSE(result->failure.empty());
  const auto missing =
      program::make_runner(settings_of({"./no-such-program"}), {}, program::make_living_program());
  CHECK_THROWS_WITH(missing->require_runnable(sgd, trials[0]), Contains("no-such-program"));
  CHECK_THROWS_AS(missing->require_runnable(sgd, trials[0]), core::InputError);
}

TEST_CASE("a program is stopped as soon as its yield returns false") {
  const auto runner = program::make_runner(settings_of({"sleep", "100"}), {}, program::make_living_program());
  const std::vector<model::Trial> trials{{&constant(), 0.5, 2.0}};
  CHECK_FALSE(runner->run({.steps = 3, .evaluations = 1}, 0, trials, [] { return false; }).has_value());
}
