#include "rhosweep/analysis/summary.hpp"
#include "rhosweep/store/results_file.hpp"

#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <mpi.h>

using namespace rhosweep;
using model::CellStatus;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// Summaries of one schedule at ρ = 1, 2, 4, 8 with the reference stepsize 0.1, from final losses (seeds, ρ);
/// NaN: failed. Factors 2 and 4.
std::vector<analysis::ScheduleSummary> summarise(const std::vector<std::vector<double>>& losses) {
  store::FileDescription description;
  description.title = "one schedule";
  description.metrics = {model::metrics::train_loss};
  description.evaluations = 1;
  description.steps = {10};
  description.grid.schedules = {model::Schedule::parse("linear")};
  description.grid.rhos = {1.0, 2.0, 4.0, 8.0};
  description.stepsizes = {0.1, 0.2, 0.4, 0.8};
  description.f_star = {std::numeric_limits<double>::quiet_NaN()};
  for (std::size_t seed = 0; seed < losses.size(); ++seed)
    description.grid.seeds.push_back(static_cast<std::int64_t>(seed));
  store::ResultsFile::create("summary.h5", description, {}, store::Existing::overwrite);
  auto file = store::ResultsFile::open("summary.h5", MPI_COMM_SELF);
  for (std::size_t seed = 0; seed < losses.size(); ++seed) {
    model::BlockResult result(4, 1, 1);
    result.final = losses[seed];
    result.curve = losses[seed];
    for (std::size_t i = 0; i < 4; ++i)
      result.status[i] = std::isnan(losses[seed][i])   ? CellStatus::failed
                         : std::isinf(losses[seed][i]) ? CellStatus::diverged
                                                       : CellStatus::done;
    file.write({.point = {}, .seed = static_cast<std::int64_t>(seed), .first = 0, .trials = 4}, result,
               {.rank = core::Rank{0}});
  }
  file.close();
  const store::ResultsReader reader("summary.h5");
  CHECK(analysis::default_metric(reader, core::PointIndex{0}) == "train_loss");
  return analysis::summarise(reader, core::PointIndex{0}, "train_loss", std::array{2.0, 4.0});
}

}  // namespace

TEST_CASE("the best stepsize is that of the least mean over seeds, and larger ones cost their ratio to it",
          "[np1]") {
  const auto summary = summarise({{3.0, 1.0, 5.0, 9.0}, {3.0, 3.0, 1.0, infinity}}).at(0);
  CHECK(summary.schedule == "linear");
  CHECK(summary.best_rho == 2.0);
  CHECK(summary.best_stepsize == 0.2);
  CHECK(summary.best == 2.0);
  CHECK(summary.degradation == std::vector<std::optional<double>>{1.5, infinity});
}

TEST_CASE("what the grid does not reach and what failed has no ratio", "[np1]") {
  const double failed = std::numeric_limits<double>::quiet_NaN();
  const auto summary = summarise({{failed, 4.0, 2.0, failed}}).at(0);
  CHECK(summary.best_rho == 4.0);
  CHECK(summary.degradation == std::vector<std::optional<double>>{std::nullopt, std::nullopt});
}

TEST_CASE("a best value of zero, or rounded below it, has no ratios", "[np1]") {
  // The excess loss of a minimum that is reached exactly, or up to rounding.
  const double best = GENERATE(0.0, -1e-17);
  const auto summary = summarise({{best, 1.0, 2.0, best + 3.0}}).at(0);
  CHECK(summary.best == best);
  CHECK(summary.degradation == std::vector<std::optional<double>>{std::nullopt, std::nullopt});
}
