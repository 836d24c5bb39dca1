#include "baselines.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/model/sweep.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <utility>

#include <fmt/format.h>

namespace rhosweep::analysis {

namespace {

/// Keys, and beginnings of keys, whose values must agree between compared sweeps. The optimizer, its own keys
/// and the grid may differ.
const std::array<std::string, 6> compared_keys{"problem.",       "axes.",        "sgd.steps",
                                               "sgd.batch_size", "sgd.sampling", "sgd.precision"};
const std::array<std::string, 1> optimizer_keys{"sgd."};

/// Whether the minima f* of two files agree, up to the differences between versions of the solver that
/// computed them.
bool are_near(const std::vector<double>& a, const std::vector<double>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](double x, double y) {
    return (std::isnan(x) && std::isnan(y)) || std::abs(x - y) <= 1e-9 * (1.0 + std::abs(x));
  });
}

void require_comparable(const store::FileDescription& file, const store::FileDescription& baseline,
                        const std::string& path) {
  const auto fail = [&](const std::string& found) {
    throw core::InputError(
        fmt::format("--baseline: {}: {}; allowed: a file on the same problem", path, found));
  };
  if (const std::string difference = model::first_difference(baseline.sweep, file.sweep, compared_keys);
      !difference.empty())
    fail(difference);
  if (baseline.data_hashes != file.data_hashes) fail("found other data");
  if (!are_near(baseline.f_star, file.f_star)) fail("found other minima (/f_star)");
  // A point key is a hash of all that the trials at an axes point share, which includes the optimizer. So the
  // keys must agree only if the optimizer is the same.
  const bool have_keys = !baseline.point_keys.empty() && !file.point_keys.empty();
  if (have_keys && baseline.point_keys != file.point_keys &&
      model::first_difference(baseline.sweep, file.sweep, optimizer_keys).empty())
    fail("found another /point_key for the same settings");
  const auto& rhos = baseline.grid.rhos;
  if (std::find(rhos.begin(), rhos.end(), 1.0) == rhos.end())
    core::refuse("--baseline: " + path, "no trials at rho = 1", "a file with grid.rho = [1]");
}

}  // namespace

std::vector<store::ResultsReader> open_baselines(const store::ResultsReader& file,
                                                 const std::vector<std::filesystem::path>& paths) {
  std::vector<store::ResultsReader> baselines;
  for (const auto& path : paths) {
    baselines.emplace_back(path);
    require_comparable(file.description(), baselines.back().description(), path.string());
  }
  return baselines;
}

std::vector<Baseline> read_baseline(const store::ResultsReader& file, const Selection& selection,
                                    const Options& options) {
  const store::FileDescription& description = file.description();
  const model::Grid& grid = description.grid;
  const auto& metrics = description.metrics;
  const std::string& metric = selection.cost.metric;
  if (std::none_of(metrics.begin(), metrics.end(), [&](const auto& known) { return known.name == metric; }))
    core::refuse("--baseline: " + file.path().string(), "no metric " + metric, "a file that has it");
  const std::int64_t at_one = std::find(grid.rhos.begin(), grid.rhos.end(), 1.0) - grid.rhos.begin();
  const Coverage coverage = read_coverage(file, selection.points);
  const Selection own{.file = file,
                      .cost = selection.cost,
                      .floor = selection.floor,
                      .points = selection.points,
                      .seeds = coverage.seeds,
                      .rhos = {at_one}};
  const Bootstrap bootstrap(seeds_at(grid, own.seeds), options.resamples);
  const auto point = static_cast<std::size_t>(selection.points.front().value);
  std::vector<Baseline> found;
  for (std::int64_t s = 0; s < std::ssize(grid.schedules); ++s) {
    const Errors errors = read_errors(own, s);
    const Summary summary = summarise(errors, 1, options.statistic);
    const MeasuredCurve measured({1.0}, summary, resampled(errors, 1, options.statistic, bootstrap));
    const Interval ci = measured.interval(0, std::ssize(own.seeds));
    const double trials = static_cast<double>(summary.trials);
    found.push_back(
        {.file = file.path().string(),
         .optimizer = description.sgd.empty() ? "" : name_of(description.sgd[point].optimizer),
         .schedule = grid.schedules[s].spec(),
         .stepsize = common_stepsize(file, selection.points, s * std::ssize(grid.rhos) + at_one),
         .value = selection.to_metric(summary.error.front()),
         .ci = to_metric(selection, ci),
         .diverged_share = trials > 0.0 ? static_cast<double>(summary.diverged_trials) / trials : unknown});
  }
  return found;
}

}  // namespace rhosweep::analysis
