#include "rhosweep/analysis/summary.hpp"
#include "rhosweep/store/results_file.hpp"

#include <array>
#include <limits>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <mpi.h>

using namespace rhosweep;
using core::PointIndex;
using model::CellStatus;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double missing = std::numeric_limits<double>::quiet_NaN();
constexpr std::array factors{2.0, 4.0, 16.0};

/// One axes point, two seeds, two schedules, ρ = 1, 2, 4, 8.
store::FileDescription describe(const std::vector<model::Metric>& metrics, double f_star) {
  store::FileDescription description;
  description.title = "by construction";
  description.sweep = "title = \"by construction\"\n";
  description.sweep_hash = "0000000000000000";
  description.grid.seeds = {0, 1};
  description.grid.schedules = {model::Schedule::parse("constant"), model::Schedule::parse("cosine")};
  description.grid.rhos = {1.0, 2.0, 4.0, 8.0};
  description.metrics = metrics;
  description.evaluations = 1;
  description.steps = {10};
  description.stepsizes = {0.1, 0.2, 0.4, 0.8, 0.3, 0.6, 1.2, 2.4};
  description.f_star = {f_star};
  return description;
}

/// A file whose cells hold the given final values of one metric, (seeds, schedules × ρ); NaN leaves a cell
/// failed.
store::ResultsReader file_of(const model::Metric& metric, double f_star,
                             const std::vector<std::vector<double>>& values) {
  const std::string path = "summary.h5";
  store::ResultsFile::create(path, describe({metric}, f_star), {}, store::Existing::overwrite);
  store::ResultsFile file = store::ResultsFile::open(path, MPI_COMM_SELF);
  for (std::int64_t seed = 0; seed < std::ssize(values); ++seed) {
    model::BlockResult result(8, 1, 1);
    for (std::size_t i = 0; i < 8; ++i) {
      const double value = values[seed][i];
      result.final[i] = value;
      result.curve[i] = value;
      result.status[i] = value == infinity ? CellStatus::diverged
                         : value == value  ? CellStatus::done
                                           : CellStatus::failed;
    }
    file.write({.point = {}, .seed = seed, .first = 0, .trials = 8}, result, core::Rank{0});
  }
  file.close();
  return store::ResultsReader(path);
}

}  // namespace

TEST_CASE("the best stepsize is the one of the least mean over seeds", "[np1]") {
  // constant: means 3, 2, 5, 40; cosine: means 4, 1, 2, 3.
  const auto file =
      file_of(model::metrics::excess_loss, 0.5, {{2, 3, 5, 40, 4, 1, 2, 3}, {4, 1, 5, 40, 4, 1, 2, 3}});
  const auto summaries = analysis::summarise(file, PointIndex{0}, "excess_loss", factors);
  REQUIRE(summaries.size() == 2);
  CHECK(summaries[0].schedule == "constant");
  CHECK(summaries[0].best_rho == 2.0);
  CHECK(summaries[0].best_stepsize == 0.2);
  CHECK(summaries[0].best == 2.0);
  CHECK(summaries[1].schedule == "cosine");
  CHECK(summaries[1].best_stepsize == 0.6);
  // Twice and four times the best ρ = 2 are 4 and 8; sixteen times is beyond the grid.
  CHECK(summaries[0].degradation == std::vector<std::optional<double>>{2.5, 20.0, std::nullopt});
  CHECK(summaries[1].degradation == std::vector<std::optional<double>>{2.0, 3.0, std::nullopt});
}

TEST_CASE("one diverged seed makes its rho infinitely bad, a missing one leaves it out", "[np1]") {
  const auto file = file_of(model::metrics::excess_loss, 0.5,
                            {{2, 3, infinity, 9, missing, 1, missing, 3}, {2, 5, 1, 9, 0, 1, 2, 3}});
  const auto summaries = analysis::summarise(file, PointIndex{0}, "excess_loss", factors);
  CHECK(summaries[0].best_rho == 1.0);
  CHECK(summaries[0].degradation == std::vector<std::optional<double>>{2.0, infinity, std::nullopt});
  CHECK(summaries[1].best_rho == 2.0);  // ρ = 1 lacks a seed, though the other is better
  CHECK(summaries[1].degradation == std::vector<std::optional<double>>{std::nullopt, 3.0, std::nullopt});
}

TEST_CASE("a schedule whose every rho diverges has no best", "[np1]") {
  const std::vector<double> values{infinity, infinity, infinity, infinity, 1, 2, 3, 4};
  const auto file = file_of(model::metrics::excess_loss, 0.5, {values, values});
  const auto summaries = analysis::summarise(file, PointIndex{0}, "excess_loss", factors);
  CHECK(summaries[0].best == infinity);
  CHECK(summaries[1].best == 1.0);
}

TEST_CASE("a sweep is judged by its excess loss where that is known, else by its training loss", "[np1]") {
  const std::vector<double> values(8, 1.0);
  CHECK(analysis::default_metric(file_of(model::metrics::excess_loss, 0.5, {values, values}),
                                 PointIndex{0}) == "excess_loss");
  CHECK(analysis::default_metric(file_of(model::metrics::excess_loss, missing, {values, values}),
                                 PointIndex{0}) == "train_loss");
  CHECK(analysis::default_metric(file_of(model::metrics::train_loss, 0.5, {values, values}), PointIndex{0}) ==
        "train_loss");
}

TEST_CASE("a best value of zero, or rounded below it, has no ratios", "[np1]") {
  // The excess loss of a minimum that is reached exactly, or up to rounding.
  const double best = GENERATE(0.0, -1e-17);
  const std::vector<double> values{best, 1, 2, 3, 1, 2, 3, 4};
  const auto file = file_of(model::metrics::excess_loss, 0.5, {values, values});
  const auto summary = analysis::summarise(file, PointIndex{0}, "excess_loss", factors).at(0);
  CHECK(summary.best == best);
  CHECK(summary.degradation == std::vector<std::optional<double>>(3, std::nullopt));
}
