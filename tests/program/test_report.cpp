#include "rhosweep/core/error.hpp"
#include "rhosweep/model/declared_metric.hpp"
#include "rhosweep/program/report.hpp"

#include <cmath>
#include <limits>

#include <catch2/catch.hpp>

using rhosweep::model::CellStatus;
using rhosweep::program::Report;

namespace metrics = rhosweep::model::metrics;

namespace {

/// A function, since the metrics are variables of another file, which may be initialised later.
const std::vector<rhosweep::model::Metric>& both() {
  static const std::vector<rhosweep::model::Metric> list{metrics::train_loss, metrics::test_accuracy};
  return list;
}

const std::vector<std::int64_t> steps{1, 10, 100};
constexpr double infinity = std::numeric_limits<double>::infinity();

Report reading(std::initializer_list<const char*> lines) {
  Report report(both(), steps);
  for (const char* line : lines) report.read(line);
  return report;
}

}  // namespace

TEST_CASE("a report fills the curve at the steps of the evaluations and takes the last one as final") {
  const auto result = reading({R"({"step": 1, "train_loss": 0.1, "test_accuracy": 0.5})",
                               R"(  {"step": 10, "train_loss": 1e-3, "test_accuracy": 1} )",
                               R"({"step": 50, "train_loss": 7})", R"({"step": 100.0, "train_loss": 4})",
                               R"({"step": 100, "train_loss": 5e-324})",
                               R"({"step": 100, "test_accuracy": 0.25, "epoch": "last"})"})
                          .result();
  CHECK(result.status == std::vector{CellStatus::done});
  CHECK(result.diverged_step == std::vector<std::int64_t>{-1});
  CHECK(result.curve == std::vector<double>{0.1, 1e-3, 5e-324, 0.5, 1.0, 0.25});
  CHECK(result.final == std::vector<double>{5e-324, 0.25});
}

TEST_CASE("points of the curve that were not reported are NaN, the last ones are due") {
  const auto result = reading({R"({"step": 100, "train_loss": 1, "test_accuracy": null})"}).result();
  CHECK(result.status == std::vector{CellStatus::done});
  CHECK(std::isnan(result.curve[0]));
  CHECK(std::isnan(result.curve[1]));
  CHECK(result.final[0] == 1.0);
  CHECK(std::isnan(result.final[1]));
  CHECK_THROWS_WITH(reading({R"({"step": 100, "train_loss": 1})"}).result(),
                    "the program did not report test_accuracy at step 100");
  CHECK_THROWS_WITH(reading({}).result(), "the program did not report train_loss at step 100");
}

TEST_CASE("a loss that is not finite is a divergence, from which on everything is at its worst") {
  for (const char* line :
       {R"({"step": 10, "train_loss": NaN})", R"({"step": 10, "train_loss": -Infinity, "note": "\"NaN"})",
        R"({"train_loss": null, "step": 10})", R"({"step": 10, "diverged": true})",
        R"({"diverged": true})"}) {
    INFO(line);
    const auto report = reading({R"({"step": 1, "train_loss": 2, "test_accuracy": 0.5, "at": 3})",
                                 R"({"step": 10, "train_loss": 3, "test_accuracy": 0.5, "diverged": false})",
                                 line, "{ this counts no more"});
    REQUIRE(report.has_diverged());
    const auto result = report.result();
    CHECK(result.status == std::vector{CellStatus::diverged});
    CHECK(result.diverged_step == std::vector<std::int64_t>{10});
    CHECK(result.curve == std::vector<double>{2.0, infinity, infinity, 0.5, 0.0, 0.0});
    CHECK(result.final == std::vector<double>{infinity, 0.0});
  }
}

TEST_CASE("lines that do not begin with a brace are ignored") {
  Report report(both(), steps);
  for (const char* line : {"", "epoch 1", "[1, 2]", "NaN", "\"{\"", "\x1b[0m{", "\xff\xfe"})
    report.read(line);
  CHECK_FALSE(report.has_diverged());
}

TEST_CASE("a line that begins with a brace and is no report is refused with what it is") {
  const auto complaint = [](const char* line) -> std::string {
    try {
      Report(both(), steps).read(line);
    } catch (const rhosweep::core::Error& error) {
      return error.what();
    }
    return "";
  };
  CHECK(complaint("{\"step\": 1") == "a line that is not valid JSON: {\"step\": 1");
  CHECK(complaint("{'step': 1}") == "a line that is not valid JSON: {'step': 1}");
  CHECK(complaint("{\"step\": 1} {}") == "a line that is not valid JSON: {\"step\": 1} {}");
  CHECK(complaint("{\"train_loss\": 1}") == "a line without a step: {\"train_loss\": 1}");
  CHECK(complaint("{}") == "a line without a step: {}");
  for (const char* step : {"-1", "1.5", "101", "\"1\"", "null", "NaN", "1e300", "true", "[1]"})
    CHECK(complaint(("{\"step\": " + std::string(step) + "}").c_str())
              .starts_with("a step that is not an integer in [0, 100]: "));
  CHECK(complaint(R"({"step": 1, "train_loss": "0.5"})") ==
        R"("train_loss" is not a number: {"step": 1, "train_loss": "0.5"})");
  CHECK(complaint(R"({"step": 1, "diverged": 1})") ==
        R"("diverged" is not true or false: {"step": 1, "diverged": 1})");
}

TEST_CASE("a value above its bound is an error, except by rounding") {
  CHECK_THROWS_WITH(
      reading({R"({"step": 10, "train_loss": 1, "test_accuracy": 93.5})"}),
      Catch::Contains("test_accuracy is 93.5, above its bound 1") && Catch::Contains("at_most"));
  const auto result = reading({R"({"step": 100, "train_loss": 1, "test_accuracy": 1.0000001})"}).result();
  CHECK(result.final[1] == 1.0);
  // In per cent, the bound is 100.
  static const std::vector<rhosweep::model::Metric> percent{
      metrics::train_loss, rhosweep::model::to_metric({"test_accuracy", 100.0})};
  Report report(percent, steps);
  report.read(R"({"step": 100, "train_loss": 1, "test_accuracy": 93.5})");
  CHECK(report.result().final[1] == 93.5);
}
