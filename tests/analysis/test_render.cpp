#include "synthetic.hpp"

#include "rhosweep/analysis/render.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using Catch::Matchers::Contains;
using namespace rhosweep;
using nlohmann::json;
using synthetic::diverged;

namespace {

/// Analyses 10 seeds and a schedule whose name needs quotes. The mean excess loss is ρ; at ρ = 8 a seed has
/// diverged, and all trials at ρ = 4 are pending.
analysis::Analysis example() {
  synthetic::Sweep sweep;
  sweep.axes = {{"sgd.steps", std::vector<std::int64_t>{64}}};
  sweep.seeds = synthetic::seeds(10);
  sweep.schedules = {"wsd(cooldown=0.2, shape=sqrt)"};
  sweep.initial = {3.0};
  const auto file = synthetic::make_file(sweep, [](auto, std::int64_t seed, auto, double rho) {
    if (rho == 4.0) return synthetic::pending;
    if (rho == 8.0 && seed == 0) return diverged;
    return rho * (seed % 2 == 0 ? 0.5 : 1.5);
  });
  return analysis::Analyser(file, {}).analyse();
}

/// Analyses five seeds. In the first schedule, seed 2 lacks a trial at ρ = 2 and seed 0 has failed at ρ = 8.
analysis::Analysis half_done() {
  synthetic::Sweep sweep;
  sweep.seeds = synthetic::seeds(5);
  const auto file =
      synthetic::make_file(sweep, [](auto, std::int64_t seed, std::int64_t schedule, double rho) {
        if (schedule == 0 && seed == 2 && rho == 2.0) return synthetic::pending;
        return schedule == 0 && seed == 0 && rho == 8.0 ? synthetic::failed : rho;
      });
  return analysis::Analyser(file, {}).analyse();
}

/// Analyses two schedules with the errors cosh(a ln ρ), a = 1 and 1/2, and takes the worst over an axis.
analysis::Analysis valleys() {
  synthetic::Sweep sweep;
  sweep.axes = {{"problem.curvature", std::vector<double>{0.1, 0.5, 1.0}}};
  sweep.seeds = synthetic::seeds(20);
  sweep.schedules = {"constant", "linear"};
  sweep.rhos = synthetic::geometric(0.01, 100.0, 41);
  const auto file = synthetic::make_file(
      sweep, [](std::int64_t point, std::int64_t seed, std::int64_t schedule, double rho) {
        return std::cosh((schedule == 0 ? 1.0 : 0.5) * std::log(rho)) * (point == 1 ? 1.0 : 0.5) *
               (1.0 + (static_cast<double>(seed) - 9.5) / 100.0);
      });
  analysis::Options options;
  options.worst_over = "problem.curvature";
  return analysis::Analyser(file, options).analyse();
}

}  // namespace

TEST_CASE("JSON has the contract's keys, and null for what is infinite or unknown", "[np1]") {
  const json found = json::parse(analysis::to_json(example()));
  CHECK(found.at("format") == 2);
  CHECK(found.at("metric") == "excess_loss");
  CHECK(found.at("statistic") == "mean");
  CHECK(found.at("select_by").is_null());
  CHECK(found.at("warnings").size() >= 2);
  const json& group = found.at("groups").at(0);
  CHECK(group.at("axes") == json{{"sgd.steps", 64}});
  const json& schedule = group.at("schedules").at(0);
  CHECK(schedule.at("schedule") == "wsd(cooldown=0.2, shape=sqrt)");
  CHECK(schedule.at("best_rho") == 1.0);
  CHECK(schedule.at("best_stepsize") == 0.1);
  CHECK(schedule.at("best") == 1.0);
  CHECK(schedule.at("naive_best") == 1.0);
  CHECK(schedule.at("diverged_share") == 1.0 / 30.0);
  CHECK(schedule.at("best_ci").size() == 2);
  CHECK(schedule.at("exponent").is_null());
  CHECK(schedule.at("exponent_ci").is_null());
  CHECK(schedule.at("theory_exponent").get<double>() == Approx(1.0 / 3.0));
  // A loss above its initial value 3 counts as 3. So at ρ = 1 half of the runs have 0.5 and half have 1.5. At
  // ρ = 2 half have 1 and half have 3, and at ρ = 8 all have 3.
  CHECK(schedule.at("lr_sensitivity").get<double>() == Approx((0.0 + 1.0 + 2.0) / 3.0));
  REQUIRE(schedule.at("advice").size() == 3);
  CHECK(schedule.at("advice").at(1).at("tolerance") == 0.5);
  CHECK(schedule.at("advice").at(1).at("ratio").is_null());
  CHECK(schedule.at("advice").at(1).at("reason").is_string());
  REQUIRE(schedule.at("grid").size() == 8);
  CHECK(schedule.at("grid").at(3).at("ratio") == 5.0);
  CHECK(schedule.at("grid").at(3).at("judged") == false);
  CHECK(schedule.at("grid").at(3).at("worst").is_null());
  const json& curve = schedule.at("curve");
  REQUIRE(curve.size() == 3);  // ρ = 4 is left out
  CHECK(curve.at(2).at("rho") == 8.0);
  CHECK(curve.at(2).at("ratio_to_best") == 8.0);
  CHECK(curve.at(2).at("value").is_null());
  CHECK(curve.at(2).at("error_ratio").is_null());
  CHECK(curve.at(2).at("diverged") == 1);
  CHECK(curve.at(2).at("theory_ratio").is_number());
  // A resample without the diverged seed is finite, but more than half draw it, so the upper end is infinite.
  CHECK(curve.at(2).at("ci").at(0).is_number());
  CHECK(curve.at(2).at("ci").at(1).is_null());
  CHECK(curve.at(1).at("error_ratio") == 2.0);
  CHECK(curve.at(1).at("pending") == 0);
  CHECK(schedule.at("left_out") ==
        json{{{"rho", 4.0}, {"pending", 10}, {"failed", 0}, {"not_needed", 0}, {"stopped", 0}}});
  CHECK(group.at("coverage") ==
        json{{"seeds", 10}, {"of_seeds", 10}, {"complete_seeds", 0}, {"seeds_left_out", json::array()}});
  CHECK(found.at("theory") == json{{"applies", true}, {"caveat", nullptr}});
}

TEST_CASE("JSON has the costs of grids, the worst member and the advice", "[np1]") {
  const json group = json::parse(analysis::to_json(valleys())).at("groups").at(0);
  const json& schedules = group.at("schedules");
  for (std::size_t s = 0; s < 2; ++s) {
    const json& schedule = schedules.at(s);
    for (const char* key :
         {"schedule", "best_rho", "best_rho_ci", "best_stepsize", "best_stepsize_ci", "best", "best_ci",
          "naive_best", "exponent", "exponent_ci", "bound_slope", "theory_exponent", "grid_growth_range",
          "lr_sensitivity", "diverged_share", "curve", "grid", "advice"})
      CHECK(schedule.contains(key));
    for (const char* key : {"rho", "ratio_to_best", "value", "ci", "error_ratio", "theory_ratio", "diverged",
                            "worst_at", "bound"})
      CHECK(schedule.at("curve").at(0).contains(key));
    CHECK(schedule.at("curve").at(0).at("worst_at") == 0.5);
    for (const char* key : {"ratio", "judged", "worst", "worst_ci", "mean", "mean_ci", "quantiles",
                            "worst_value", "mean_value", "theory_worst", "theory_mean"})
      CHECK(schedule.at("grid").at(0).contains(key));
    for (const char* key :
         {"tolerance", "ratio", "ratio_ci", "theory_ratio", "points_per_decade", "saved_share", "reason"})
      CHECK(schedule.at("advice").at(0).contains(key));
    CHECK(schedule.at("advice").at(2).at("reason").is_null());
    CHECK(schedule.at("grid").at(3).at("judged") == true);
    CHECK(schedule.at("random").at(3).at("mean").get<double>() > 0.0);
  }
  CHECK(schedules.at(0).at("comparison").empty());
  CHECK(schedules.at(1).at("comparison").at(3).at("with") == "constant");
  CHECK(schedules.at(1).at("comparison").at(3).at("worst_ci").size() == 2);
  CHECK(schedules.at(1).at("advice").at(2).at("saved_share").get<double>() == Approx(0.5).margin(0.02));
}

TEST_CASE("the table begins with the ratios that a person remembers", "[np1]") {
  const std::string text = analysis::to_table(valleys());
  std::string flat = text;
  std::replace(flat.begin(), flat.end(), '\n', ' ');
  // The error of constant is twice its least value at two rho whose ratio is exp(2 acosh 2) = 13.9. For
  // linear the ratio of these two rho is the square of that, 194.
  CHECK_THAT(flat, Contains("To stay within a factor of 2 of the tuned excess_loss wherever the grid begins, "
                            "constant allows a grid ratio of 14 [14, 14]"));
  CHECK_THAT(flat, Contains("50 % fewer trials, by the lower ends of the intervals."));
  // The errors are cosh(ln(50)/4) and cosh(ln(50)/2) times their least value; their ratio is 0.42.
  CHECK_THAT(flat, Contains("At a grid ratio of 50 the worst best-of-grid excess_loss is, as a multiple of "
                            "constant's: linear 0.42 [0.42, 0.42]."));
  CHECK_THAT(text, Contains("worst cost at ratio") && Contains("mean cost at ratio") &&
                       Contains("random search") && Contains("growth with g"));
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) CHECK(line.size() <= 80);
}

namespace {

/// Returns the fields of a line of CSV. No field may contain a line break.
std::vector<std::string> fields_of(const std::string& line) {
  std::vector<std::string> fields(1);
  bool is_quoted = false;
  for (std::size_t i = 0; i < line.size() && line[i] != '\r'; ++i) {
    if (line[i] == '"')
      is_quoted = !is_quoted;
    else if (line[i] == ',' && !is_quoted)
      fields.emplace_back();
    else
      fields.back() += line[i];
  }
  return fields;
}

using Row = std::map<std::string, std::string>;

std::vector<Row> rows_of(const std::string& csv) {
  std::istringstream lines(csv);
  std::string line;
  std::getline(lines, line);
  const auto names = fields_of(line);
  std::vector<Row> rows;
  while (std::getline(lines, line)) {
    const auto fields = fields_of(line);
    REQUIRE(fields.size() == names.size());
    for (Row& row = rows.emplace_back(); const std::string& name : names) row[name] = fields[row.size()];
  }
  return rows;
}

void check_field(const json& value, const Row& row, const std::string& column) {
  INFO(column);
  REQUIRE(row.contains(column));
  const std::string& field = row.at(column);
  if (value.is_number())
    CHECK(std::stod(field) == value.get<double>());
  else if (value.is_string())
    CHECK(field == value.get<std::string>());
  else if (value.is_boolean())
    CHECK(field == (value.get<bool>() ? "true" : "false"));
  else
    CHECK((value.is_null() && (field.empty() || field == "inf" || field == "-inf")));
}

/// Checks that a row of CSV has the values of a JSON object. In CSV an interval has two columns. `renamed`
/// maps the keys whose columns have other names to these names.
void check_row(const json& object, const Row& row, const Row& renamed) {
  for (const auto& [key, value] : object.items()) {
    const bool is_list = value.is_array() && !value.empty() && !value.front().is_number();
    // A list of objects has rows of its own.
    if (is_list || (value.is_array() && value.empty() && key != "quantiles")) continue;
    const std::string column = renamed.contains(key) ? renamed.at(key) : key;
    if (key == "missing") {
      check_row(value, row, {});
    } else if (key == "quantiles") {
      for (std::size_t q = 0; q < value.size(); ++q)
        check_field(value[q], row, "quantile_" + std::to_string(25 * q));
    } else if (key == "ci" || key.ends_with("_ci") || key.ends_with("_range")) {
      const std::string base = renamed.contains(key) || key.ends_with("_range") ? column
                               : key == "ci"                                    ? "value"
                                             : key.substr(0, key.size() - 3);
      check_field(value.is_null() ? value : value[0], row, base + "_low");
      check_field(value.is_null() ? value : value[1], row, base + "_high");
    } else {
      check_field(value, row, column);
    }
  }
}

}  // namespace

TEST_CASE("CSV holds all that JSON has of a schedule, reasons and remarks included", "[np1]") {
  for (const auto& analysis : {valleys(), half_done(), example()}) {
    const json schedules = json::parse(analysis::to_json(analysis)).at("groups").at(0).at("schedules");
    const std::vector<Row> rows = rows_of(analysis::to_csv(analysis));
    auto row = rows.begin();
    const auto check_rows = [&](const json& list, const std::string& record, const Row& renamed) {
      for (const json& object : list) {
        REQUIRE(row != rows.end());
        INFO(record);
        CHECK(row->at("record") == record);
        check_row(object, *row++, renamed);
      }
    };
    for (const json& schedule : schedules) {
      check_rows(json::array({schedule}), "summary", {{"best_reason", "reason"}});
      check_rows(schedule.at("curve"), "curve", {});
      check_rows(schedule.at("left_out"), "left_out", {});
      check_rows(schedule.at("grid"), "grid", {{"ratio", "grid_ratio"}});
      check_rows(schedule.at("random"), "random",
                 {{"ratio", "grid_ratio"},
                  {"trials", "random_trials"},
                  {"mean", "random_mean"},
                  {"mean_value", "random_mean_value"},
                  {"all_diverge", "random_all_diverge"}});
      check_rows(schedule.at("comparison"), "comparison",
                 {{"ratio", "grid_ratio"},
                  {"with", "compared_with"},
                  {"worst", "worst_over_other"},
                  {"worst_ci", "worst_over_other"}});
      check_rows(schedule.at("advice"), "advice", {});
      check_rows(schedule.at("cost_at"), "cost_at", {});
    }
    CHECK(row == rows.end());
  }
}

TEST_CASE("table, JSON and CSV state how many seeds count and what is missing", "[np1]") {
  const auto analysis = half_done();
  const json group = json::parse(analysis::to_json(analysis)).at("groups").at(0);
  CHECK(group.at("coverage") ==
        json{{"seeds", 4}, {"of_seeds", 5}, {"complete_seeds", 4}, {"seeds_left_out", {2}}});
  CHECK(group.at("schedules").at(0).at("missing") ==
        json{{"cells", 20}, {"pending", 1}, {"failed", 1}, {"not_needed", 0}, {"stopped", 0}});
  CHECK(group.at("schedules").at(0).at("curve").at(1).at("pending") == 1);

  const std::string text = analysis::to_table(analysis);
  CHECK_THAT(text, Contains("excess_loss, mean over 4 of 5 seeds; intervals from"));
  std::string flat = text;
  std::replace(flat.begin(), flat.end(), '\n', ' ');
  CHECK_THAT(flat, Contains("INCOMPLETE: 2 of 40 trials are missing (1 pending, 1 failed)"));
  CHECK_THAT(flat,
             Contains("statistics are over the 4 of 5 seeds that have finished at every schedule and rho"));
  std::istringstream shown(text + analysis::to_table(example()));
  for (std::string line; std::getline(shown, line);) CHECK(line.size() <= 80);
  CHECK_THAT(text, Contains("trials missing") && Contains("2 of 20") && Contains("0 of 20"));
  CHECK_THAT(text, Contains("rho left out") && Contains("1 of 4") && Contains("0 of 4"));
  CHECK_THAT(analysis::to_table(example()), Contains("no seed has finished at every schedule and rho;"));

  std::istringstream lines(analysis::to_csv(analysis));
  std::string line;
  std::getline(lines, line);
  CHECK_THAT(line, Catch::EndsWith(",seeds,of_seeds,pending,failed,not_needed,stopped\r"));
  std::getline(lines, line);
  CHECK_THAT(line, Contains(",summary,") && Catch::EndsWith(",4,5,1,1,0,0\r"));
  std::getline(lines, line);
  CHECK_THAT(line, Contains(",curve,") && Catch::EndsWith(",4,5,0,0,0,0\r"));
  std::getline(lines, line);
  CHECK_THAT(line, Contains(",curve,") && Catch::EndsWith(",4,5,1,0,0,0\r"));
  std::getline(lines, line);
  std::getline(lines, line);
  CHECK_THAT(line, Contains(",left_out,") && Contains(",8,") && Catch::EndsWith(",4,5,0,1,0,0\r"));
}

TEST_CASE("a table that is wider than a terminal goes on below, beside the same first column", "[np1]") {
  analysis::Analysis analysis = valleys();
  for (auto& found : analysis.groups.front().schedules) {
    found.schedule = "warmup(0.05, wsd(cooldown=0.2, shape=" + found.schedule + "))";
    found.diverged_share = 1.0;
  }
  const std::string text = analysis::to_table(analysis);
  CHECK_THAT(text, Contains("100 %") && !Contains("e+02"));
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) CHECK(line.size() <= 80);
  // The table of best stepsizes is split by columns into parts, each with a row for each schedule.
  const auto best = text.find("schedule ");
  const std::string tables = text.substr(best, text.find("worst cost at ratio") - best);
  std::size_t rows = 0;
  for (auto at = tables.find("shape=linear"); at != std::string::npos;
       at = tables.find("shape=linear", at + 1))
    ++rows;
  CHECK(rows >= 2);
}

TEST_CASE("sentences name the error that costs are of", "[np1]") {
  const auto sentences = [](const model::Metric& metric, double best) {
    synthetic::Sweep sweep;
    sweep.metric = metric;
    sweep.seeds = synthetic::seeds(20);
    sweep.rhos = synthetic::geometric(0.01, 100.0, 41);
    const auto file = synthetic::make_file(sweep, [&](auto, auto, auto, double rho) {
      const double error = 0.001 * std::cosh(0.5 * std::log(rho));
      return metric.name == "test_accuracy" ? best - error : best + error;
    });
    analysis::Options options;
    options.metric = metric.name;
    std::string text = analysis::to_table(analysis::Analyser(file, options).analyse());
    std::replace(text.begin(), text.end(), '\n', ' ');
    return text;
  };
  CHECK_THAT(sentences(model::metrics::test_accuracy, 1.0),
             Contains("Costs and tolerances are of 1 - test_accuracy.") &&
                 Contains("within 10 % of the tuned error (1 - test_accuracy) wherever"));
  CHECK_THAT(sentences(model::metrics::train_loss, 0.5),
             Contains("Costs and tolerances are of train_loss - f_star.") &&
                 Contains("within 10 % of the tuned excess (train_loss - f_star) wherever"));
  CHECK_THAT(sentences(model::metrics::test_loss, 0.5),
             Contains("Costs and tolerances are of the whole test_loss: no minimum is subtracted.") &&
                 Contains("within 10 % of the tuned test_loss wherever"));
  CHECK_THAT(sentences(model::metrics::excess_loss, 0.0),
             !Contains("Costs and tolerances") && Contains("within 10 % of the tuned excess_loss wherever"));
}

TEST_CASE("each reason against advice is printed once, with its tolerances", "[np1]") {
  synthetic::Sweep sweep;
  sweep.seeds = synthetic::seeds(20);
  sweep.rhos = synthetic::geometric(0.01, 100.0, 41);
  const auto file = synthetic::make_file(
      sweep, [](auto, auto, auto, double rho) { return std::max(std::pow(rho, 0.5), std::pow(rho, -0.5)); });
  std::string text = analysis::to_table(analysis::Analyser(file, {}).analyse());
  CHECK_THAT(text,
             Contains("constant, cosine: no advice for 10 %") && Contains("constant, cosine: no cost for"));
}

TEST_CASE("columns of a theory that does not apply are not there, and a line says why", "[np1]") {
  synthetic::Sweep sweep;
  sweep.sgd = "optimizer = \"adamw\"\n";
  const auto analysis =
      analysis::Analyser(synthetic::make_file(sweep, [](auto, auto, auto, double rho) { return rho; }), {})
          .analyse();
  const std::string text = analysis::to_table(analysis);
  CHECK_THAT(text, Contains("no theory: it is about plain SGD, not about \"adamw\"\n"));
  CHECK_THAT(text, Contains("cost at ") && Contains("growth with rho"));
  CHECK_THAT(text, !Contains("\n  theory") && !Contains("asymptotic") && !Contains("bound's slope"));
  const json found = json::parse(analysis::to_json(analysis));
  CHECK(found.at("theory").at("applies") == false);
  const json& schedule = found.at("groups").at(0).at("schedules").at(0);
  CHECK(schedule.at("theory_exponent").is_null());
  CHECK(schedule.at("bound_slope").is_null());
  CHECK(schedule.at("curve").at(0).at("theory_ratio").is_null());
}

TEST_CASE("CSV has one table with a row for every schedule, rho, grid ratio and tolerance", "[np1]") {
  std::istringstream lines(analysis::to_csv(example()));
  std::vector<std::string> rows;
  for (std::string row; std::getline(lines, row);) {
    REQUIRE(row.back() == '\r');
    rows.push_back(row);
  }
  // The rows are the header, the summary, three ρ, one ρ that is left out, eight grid ratios, a random search
  // for each of them, three tolerances and six factors.
  REQUIRE(rows.size() == 1 + 1 + 3 + 1 + 8 + 8 + 3 + 6);
  CHECK_THAT(rows[0], Catch::StartsWith("sgd.steps,schedule,record,best_rho,best_stepsize,best,"));
  // Returns the number of commas outside of quotes.
  const auto commas = [](const std::string& row) {
    std::int64_t count = 0;
    bool is_quoted = false;
    for (const char c : row) {
      if (c == '"') is_quoted = !is_quoted;
      if (c == ',' && !is_quoted) ++count;
    }
    return count;
  };
  for (std::size_t r = 1; r < rows.size(); ++r) {
    CHECK_THAT(rows[r], Catch::StartsWith("64,\"wsd(cooldown=0.2, shape=sqrt)\","));
    CHECK(commas(rows[r]) == commas(rows[0]));
  }
  CHECK_THAT(rows[1], Contains(",summary,1,0.1,1,"));
  CHECK_THAT(rows[4], Contains(",curve,") && Contains(",8,8,inf,"));
  CHECK_THAT(rows[5], Contains(",left_out,"));
  CHECK_THAT(rows[6], Contains(",grid,"));
  CHECK_THAT(rows[14], Contains(",random,"));
  CHECK_THAT(rows[22], Contains(",advice,"));
}

TEST_CASE("the tables name everything that a reader needs", "[np1]") {
  const std::string text = analysis::to_table(example());
  CHECK_THAT(text, Contains("excess_loss, mean over 10 seeds; intervals from 1999 resamplings"));
  CHECK_THAT(text, Contains("== sgd.steps = 64"));
  CHECK_THAT(text, Contains("asymptotic"));
  CHECK_THAT(text, Contains("worst cost at ratio"));
  CHECK_THAT(text, Contains("diverged"));
}
