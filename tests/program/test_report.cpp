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

/// Returns two metrics. This is a function because the metrics are defined in another file and may be
/// initialised later than a variable in this file.
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
                               R"({"step": 50, "train_loss": 7})", R"({"step": 100.0, "train_loss": 5e-324})",
                               R"({"step": 100, "test_accuracy": 0.25, "epoch": "last"})"})
                          .result();
  CHECK(result.status == std::vector{CellStatus::done});
  CHECK(result.diverged_step == std::vector<std::int64_t>{-1});
  CHECK(result.curve == std::vector<double>{0.1, 1e-3, 5e-324, 0.5, 1.0, 0.25});
  CHECK(result.final == std::vector<double>{5e-324, 0.25});
}

TEST_CASE("of several numbers for a step the first counts, which is the one that stops a trial") {
  const auto lines = {R"({"step": 1, "train_loss": 2, "test_accuracy": null})",
                      R"({"step": 1, "train_loss": 1, "test_accuracy": 0.5})",
                      R"({"step": 10, "train_loss": 1})",
                      R"({"step": 100, "train_loss": 4, "test_accuracy": 0.5})",
                      R"({"step": 10, "train_loss": 9})",
                      R"({"step": 100, "train_loss": 3, "test_accuracy": 0.75})"};
  const auto result = reading(lines).result();
  CHECK(std::vector(result.curve.begin(), result.curve.begin() + 4) == std::vector{2.0, 1.0, 4.0, 0.5});
  CHECK(result.final == std::vector<double>{4.0, 0.5});
  // The limit of 5 would stop the trial by the second value at step 10.
  const std::vector<double> limits{infinity, 5.0, infinity};
  Report report(both(), steps, {.costs = limits, .metric = 0});
  for (const char* line : lines) report.read(line);
  CHECK_FALSE(report.is_over());
  CHECK(report.result().final == result.final);
  // A loss that is not finite is a divergence at any time.
  report.read(R"({"step": 10, "train_loss": NaN})");
  CHECK(report.has_diverged());
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
       {R"({"step": 10, "train_loss": NaN})", R"({"step": 10, "train_loss": 1e400})",
        R"({"train_loss": inf, "step": 10.0})", R"({"step": 10, "train_loss": -Infinity, "note": "\"NaN"})",
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

TEST_CASE("a report above its limit stops the trial; later lines and later points do not count") {
  const std::vector<double> limits{infinity, 2.0, infinity};
  Report report(both(), steps, {.costs = limits, .metric = 0});
  report.read(R"({"step": 1, "train_loss": 9, "test_accuracy": 0.5})");
  report.read(R"({"step": 5, "train_loss": 9})");
  report.read(R"({"step": 10, "test_accuracy": 0.25})");
  CHECK_FALSE(report.is_over());
  report.read(R"({"step": 100, "train_loss": 8})");
  report.read(R"({"step": 10, "train_loss": 3})");
  CHECK(report.is_over());
  CHECK_FALSE(report.has_diverged());
  report.read(R"({"step": 10, "train_loss": 1})");
  report.read(R"({"step": 10, "diverged": true})");
  const auto result = report.result();
  CHECK(result.status == std::vector{CellStatus::stopped});
  CHECK(result.diverged_step == std::vector<std::int64_t>{-1});
  CHECK(std::vector(result.curve.begin(), result.curve.begin() + 2) == std::vector{9.0, 3.0});
  CHECK(std::vector(result.curve.begin() + 3, result.curve.begin() + 5) == std::vector{0.5, 0.25});
  for (const double value : {result.curve[2], result.curve[5], result.final[0], result.final[1]})
    CHECK(std::isnan(value));
}

TEST_CASE("the limit may be on any metric, and a diverged trial is not stopped") {
  const std::vector<double> limits{0.25, infinity, infinity};
  Report report(both(), steps, {.costs = limits, .metric = 1, .at_most = 1.0});
  report.read(R"({"step": 1, "train_loss": 1})");
  CHECK_FALSE(report.is_over());
  report.read(R"({"step": 1, "test_accuracy": 0.5})");
  CHECK(report.is_over());
  Report other(both(), steps, {.costs = limits, .metric = 1, .at_most = 1.0});
  other.read(R"({"step": 1, "train_loss": NaN, "test_accuracy": 0.5})");
  CHECK(other.has_diverged());
  CHECK(other.result().status == std::vector{CellStatus::diverged});
}

TEST_CASE("lines that do not begin with a brace are ignored") {
  Report report(both(), steps);
  for (const char* line : {"", "epoch 1", "[1, 2]", "NaN", "\"{\"", "\x1b[0m{", "\xff\xfe"})
    report.read(line);
  CHECK_FALSE(report.has_diverged());
}

TEST_CASE("a line that begins with a brace and is no report is named only if a value is missing") {
  const auto complaint = [](const char* line) -> std::string {
    Report report(both(), steps);
    report.read(line);
    try {
      report.result();
    } catch (const rhosweep::core::Error& error) {
      return error.what();
    }
    return "";
  };
  const std::string missing = "the program did not report train_loss at step 100; ";
  for (const char* line : {"{\"step\": 1", "{'step': 1}", "{\"step\": 1} {}", "{ 50 % }", "{\"step\": 1 / 2}",
                           "{\"step\": .5}", "{\"step\": 01}", "{\"step\": True}", "{\"step\": infinite}"}) {
    CHECK(complaint(line) == missing + "not valid JSON: " + line);
    CHECK(reading({line, R"({"step": 100, "train_loss": 1, "test_accuracy": 0.5})", line}).result().final ==
          std::vector<double>{1.0, 0.5});
  }
  for (const char* line : {"{\"train_loss\": 1}", "{}", "{\"lr\": 0.1, \"model\": {\"step\": 3}}"}) {
    CHECK(complaint(line) == missing + "without a step: " + line);
    CHECK(reading({R"({"step": 100, "train_loss": 1, "test_accuracy": 0.5})", line}).result().final ==
          std::vector<double>{1.0, 0.5});
  }
}

TEST_CASE("a report with a wrong step or value is refused with what it is") {
  const auto complaint = [](const char* line) -> std::string {
    try {
      Report(both(), steps).read(line);
    } catch (const rhosweep::core::Error& error) {
      return error.what();
    }
    return "";
  };
  for (const char* step : {"-1", "1.5", "101", "\"1\"", "null", "NaN", "1e300", "1e400", "true", "[1]"})
    CHECK(complaint(("{\"step\": " + std::string(step) + "}").c_str())
              .starts_with("a step that is not an integer in [0, 100]: "));
  CHECK(complaint(R"({"step": 1, "train_loss": "0.5"})") ==
        R"("train_loss" is not a number: {"step": 1, "train_loss": "0.5"})");
  CHECK(complaint(R"({"step": 1, "diverged": 1})") ==
        R"("diverged" is not true or false: {"step": 1, "diverged": 1})");
}

TEST_CASE("numbers may have every form of JSON, and the words of Python, C, R and Julia") {
  const auto value_of = [](const std::string& text) {
    const std::string line = R"({"step": 1e2, "note": "NaN", "inner": [{"x": NaN}, null], "gain": )" + text +
                             R"(, "train_loss": 1})";
    static const std::vector<rhosweep::model::Metric> with_gain{
        metrics::train_loss, {.name = "gain", .long_name = "gain", .units = "1", .diverged = 0.0}};
    Report report(with_gain, steps);
    report.read(line);
    REQUIRE_FALSE(report.has_diverged());
    return report.result().final[1];
  };
  for (const auto& [text, value] : {std::pair{"0", 0.0},
                                    {"7", 7.0},
                                    {"-7", -7.0},
                                    {"0.5", 0.5},
                                    {"1E2", 100.0},
                                    {"1e+2", 100.0},
                                    {"1.25e-2", 0.0125},
                                    {"5e-324", 5e-324},
                                    {"1e-400", 0.0},
                                    {"18446744073709551615", 0x1p64},
                                    {"9007199254740993", 9007199254740992.0},
                                    {"100000000000000000000000", 1e23},
                                    {"1.7976931348623157e308", 1.7976931348623157e308},
                                    {"1e400", infinity},
                                    {"-1e400", -infinity},
                                    {"Infinity", infinity},
                                    {"-Infinity", -infinity},
                                    {"inf", infinity},
                                    {"+inf", infinity},
                                    {"Inf", infinity},
                                    {"-Inf", -infinity},
                                    {"-inf", -infinity}}) {
    INFO(text);
    CHECK(value_of(text) == value);
  }
  CHECK(std::signbit(value_of("-0")));
  CHECK(std::signbit(value_of("-0.0")));
  for (const char* text : {"NaN", "nan", "-nan", "+nan", "null"}) {
    INFO(text);
    CHECK(std::isnan(value_of(text)));
  }
  for (const char* step : {"100", "100.0", "1e2", "1E+2", "1000e-1"})
    CHECK(reading({(R"({"train_loss": 1, "test_accuracy": 0, "step": )" + std::string(step) + "}").c_str()})
              .result()
              .status == std::vector{CellStatus::done});
}

TEST_CASE("a progress bar that was drawn before a report does not hide it") {
  for (const char* bar : {"", "50%|###  | ", "\x1b[2K", "[1/2] loss 0.5 "}) {
    Report report(both(), steps);
    const std::string line = bar + std::string(R"({"step": 100, "train_loss": 1, "test_accuracy": 0.5})");
    report.read(line, Report::Start::redrawn);
    CHECK(report.result().final == std::vector<double>{1.0, 0.5});
  }
  Report report(both(), steps);
  report.read("100%", Report::Start::redrawn);
  CHECK_THROWS_WITH(report.result(), "the program did not report train_loss at step 100");
}

TEST_CASE("a value above its bound is an error, except by rounding") {
  CHECK_THROWS_WITH(
      reading({R"({"step": 10, "train_loss": 1, "test_accuracy": 93.5})"}),
      Catch::Contains("test_accuracy is 93.5, above its bound 1") && Catch::Contains("at_most"));
  const auto result = reading({R"({"step": 100, "train_loss": 1, "test_accuracy": 1.0000001})"}).result();
  CHECK(result.final[1] == 1.0);
  // For values in per cent, the bound is 100.
  static const std::vector<rhosweep::model::Metric> percent{
      metrics::train_loss, rhosweep::model::to_metric({"test_accuracy", 100.0})};
  Report report(percent, steps);
  report.read(R"({"step": 100, "train_loss": 1, "test_accuracy": 93.5})");
  CHECK(report.result().final[1] == 93.5);
}
