#include "synthetic.hpp"

#include "rhosweep/analysis/render.hpp"

#include <sstream>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using Catch::Matchers::Contains;
using namespace rhosweep;
using nlohmann::json;
using synthetic::diverged;

namespace {

/// Excess ρ, 10 seeds, a schedule whose name needs quotes; the largest ρ has diverged, ρ = 4 is pending.
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

/// Of five seeds, seed 2 lacks a trial at ρ = 2 of the first schedule, and seed 0 has failed at ρ = 8 there.
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

}  // namespace

TEST_CASE("JSON has the contract's keys, and null for what is infinite or unknown", "[np1]") {
  const json found = json::parse(analysis::to_json(example()));
  CHECK(found.at("metric") == "excess_loss");
  CHECK(found.at("warnings").size() >= 2);
  const json& group = found.at("groups").at(0);
  CHECK(group.at("axes") == json{{"sgd.steps", 64}});
  const json& schedule = group.at("schedules").at(0);
  CHECK(schedule.at("schedule") == "wsd(cooldown=0.2, shape=sqrt)");
  CHECK(schedule.at("best_rho") == 1.0);
  CHECK(schedule.at("best_stepsize") == 0.1);
  CHECK(schedule.at("best") == 1.0);
  CHECK(schedule.at("best_ci").size() == 2);
  CHECK(schedule.at("exponent").is_null());
  CHECK(schedule.at("exponent_ci").is_null());
  CHECK(schedule.at("theory_exponent").get<double>() == Approx(1.0 / 3.0));
  // min(m, 3) − 1 at ρ = 1, 2 and, diverged, 8.
  CHECK(schedule.at("lr_sensitivity").get<double>() == Approx((0.0 + 1.0 + 2.0) / 3.0));
  CHECK(schedule.at("advice").at("tolerance") == 0.1);
  CHECK(schedule.at("advice").contains("ratio"));
  CHECK(schedule.at("advice").contains("saved_share"));
  for (const char* key : {"ratio", "mean_regret", "worst_regret"})
    CHECK(schedule.at("coarse_grid").at(0).contains(key));
  const json& curve = schedule.at("curve");
  REQUIRE(curve.size() == 3);  // ρ = 4 is left out
  CHECK(curve.at(2).at("rho") == 8.0);
  CHECK(curve.at(2).at("ratio_to_best") == 8.0);
  CHECK(curve.at(2).at("mean").is_null());
  CHECK(curve.at(2).at("error_ratio").is_null());
  CHECK(curve.at(2).at("diverged") == 1);
  CHECK(curve.at(2).at("theory_ratio").is_number());
  // A resample without the diverged seed is finite: its mean is about 8·(9 seeds' mean), the upper end
  // infinite.
  CHECK(curve.at(2).at("ci").at(0).is_number());
  CHECK(curve.at(2).at("ci").at(1).is_null());
  CHECK(curve.at(1).at("error_ratio") == 2.0);
  CHECK(curve.at(1).at("pending") == 0);
  CHECK(schedule.at("left_out") == json{{{"rho", 4.0}, {"pending", 10}, {"failed", 0}}});
  CHECK(group.at("coverage") ==
        json{{"seeds", 10}, {"of_seeds", 10}, {"complete_seeds", 0}, {"seeds_left_out", json::array()}});
  CHECK(found.at("theory") == json{{"applies", true}, {"caveat", nullptr}});
}

TEST_CASE("everything tells how many seeds count and what is missing", "[np1]") {
  const auto analysis = half_done();
  const json group = json::parse(analysis::to_json(analysis)).at("groups").at(0);
  CHECK(group.at("coverage") ==
        json{{"seeds", 4}, {"of_seeds", 5}, {"complete_seeds", 4}, {"seeds_left_out", {2}}});
  CHECK(group.at("schedules").at(0).at("missing") == json{{"cells", 20}, {"pending", 1}, {"failed", 1}});
  CHECK(group.at("schedules").at(0).at("curve").at(1).at("pending") == 1);

  const std::string text = analysis::to_table(analysis);
  CHECK_THAT(text, Contains("excess_loss, mean over 4 of 5 seeds; intervals from"));
  CHECK_THAT(text, Contains("INCOMPLETE: 2 of 40 trials are missing (1 pending, 1 failed)"));
  CHECK_THAT(text, Contains("means are over the 4 of 5 seeds that have finished at every schedule and rho"));
  CHECK_THAT(text, Contains("trials missing") && Contains("2 of 20") && Contains("0 of 20"));
  CHECK_THAT(text, Contains("rho left out") && Contains("1 of 4") && Contains("0 of 4"));
  CHECK_THAT(analysis::to_table(example()), Contains("no seed has finished at every schedule and rho"));

  std::istringstream lines(analysis::to_csv(analysis));
  std::string line;
  std::getline(lines, line);
  CHECK_THAT(line, Catch::EndsWith(",seeds,of_seeds,pending,failed\r"));
  std::getline(lines, line);
  CHECK_THAT(line, Contains(",summary,") && Catch::EndsWith(",4,5,1,1\r"));
  std::getline(lines, line);
  CHECK_THAT(line, Contains(",curve,") && Catch::EndsWith(",4,5,0,0\r"));
  std::getline(lines, line);
  CHECK_THAT(line, Contains(",curve,") && Catch::EndsWith(",4,5,1,0\r"));
  std::getline(lines, line);
  std::getline(lines, line);
  CHECK_THAT(line, Contains(",left_out,") && Contains(",8,") && Catch::EndsWith(",4,5,0,1\r"));
}

TEST_CASE("columns of a theory that does not apply are not there, and a line says why", "[np1]") {
  synthetic::Sweep sweep;
  sweep.sgd = "optimizer = \"adamw\"\n";
  const auto analysis =
      analysis::Analyser(synthetic::make_file(sweep, [](auto, auto, auto, double rho) { return rho; }), {})
          .analyse();
  const std::string text = analysis::to_table(analysis);
  CHECK_THAT(text, Contains("the theory is of SGD: none for the optimizer \"adamw\"\n"));
  CHECK_THAT(text, Contains("cost at ") && Contains("growth with rho"));
  CHECK_THAT(text, !Contains("cost / theory") && !Contains("asymptotic") && !Contains("bound's slope"));
  const json found = json::parse(analysis::to_json(analysis));
  CHECK(found.at("theory").at("applies") == false);
  const json& schedule = found.at("groups").at(0).at("schedules").at(0);
  CHECK(schedule.at("theory_exponent").is_null());
  CHECK(schedule.at("theory_slope").is_null());
  CHECK(schedule.at("curve").at(0).at("theory_ratio").is_null());
}

TEST_CASE("CSV has one table with a row for every schedule, rho and coarse grid", "[np1]") {
  std::istringstream lines(analysis::to_csv(example()));
  std::vector<std::string> rows;
  for (std::string row; std::getline(lines, row);) {
    REQUIRE(row.back() == '\r');
    rows.push_back(row);
  }
  REQUIRE(rows.size() == 1 + 1 + 3 + 1 + 3);  // header, summary, three ρ, one left out, strides 1 to 3
  CHECK_THAT(rows[0], Catch::StartsWith("sgd.steps,schedule,record,best_rho,best_stepsize,best,"));
  const auto columns = std::count(rows[0].begin(), rows[0].end(), ',');
  for (std::size_t r = 1; r < rows.size(); ++r) {
    CHECK_THAT(rows[r], Catch::StartsWith("64,\"wsd(cooldown=0.2, shape=sqrt)\","));
    CHECK(std::count(rows[r].begin(), rows[r].end(), ',') == columns + 1);  // one is quoted
  }
  CHECK_THAT(rows[1], Contains(",summary,1,0.1,1,"));
  CHECK_THAT(rows[4], Contains(",curve,") && Contains(",8,8,inf,"));
  CHECK_THAT(rows[5], Contains(",left_out,"));
  CHECK_THAT(rows[6], Contains(",coarse_grid,"));
}

TEST_CASE("the tables name everything that a reader needs", "[np1]") {
  const std::string text = analysis::to_table(example());
  CHECK_THAT(text, Contains("excess_loss, mean over 10 seeds; intervals from 1999 resamplings"));
  CHECK_THAT(text, Contains("== sgd.steps = 64"));
  CHECK_THAT(text, Contains("asymptotic"));
  CHECK_THAT(text, Contains("worst regret at grid ratio"));
}
