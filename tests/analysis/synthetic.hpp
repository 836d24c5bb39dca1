#pragma once

#include "rhosweep/analysis/analysis.hpp"
#include "rhosweep/store/results_file.hpp"

#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <utility>
#include <vector>

/// Makes results files with made-up numbers.
namespace synthetic {

using namespace rhosweep;

inline constexpr double diverged = std::numeric_limits<double>::infinity();
inline constexpr double failed = std::numeric_limits<double>::quiet_NaN();
/// The made-up value of a cell that stays pending.
inline constexpr double pending = -std::numeric_limits<double>::infinity();

/// Returns the metric of a trial, or `diverged`, `failed` or `pending`. `point` (of the axes) and `schedule`
/// are indices; `seed` and `rho` are the values themselves.
using Value = std::function<double(std::int64_t point, std::int64_t seed, std::int64_t schedule, double rho)>;

/// Returns `points` numbers from `from` to `to`, both included. The ratio of neighbours is constant.
inline std::vector<double> geometric(double from, double to, std::int64_t points) {
  std::vector<double> values;
  for (std::int64_t i = 0; i < points; ++i)
    values.push_back(from * std::pow(to / from, static_cast<double>(i) / static_cast<double>(points - 1)));
  return values;
}

inline std::vector<std::int64_t> seeds(std::int64_t count) {
  std::vector<std::int64_t> values;
  for (std::int64_t s = 0; s < count; ++s) values.push_back(s);
  return values;
}

struct Sweep {
  std::vector<model::Axis> axes;
  std::vector<std::int64_t> seeds{0, 1};
  std::vector<std::string> schedules{"constant", "cosine"};
  std::vector<double> rhos{1.0, 2.0, 4.0, 8.0};
  model::Metric metric = model::metrics::excess_loss;
  std::vector<std::pair<model::Metric, Value>> further;  ///< more metrics; made up for trials that are done
  std::vector<double> f_star;                            ///< one per axes point; if empty, 0.5 everywhere
  std::vector<std::uint64_t> point_keys;                 ///< one per axes point; if empty, the file has none
  std::vector<double> initial;  ///< the metric before the first step, one per axes point; if empty, unknown
  std::int64_t steps = 1000;
  std::vector<std::int64_t> earlier_steps;  ///< evaluations before the last one
  /// Gives the first metric at an earlier evaluation, for the same arguments as a Value and the evaluation's
  /// step.
  std::function<double(std::int64_t point, std::int64_t seed, std::int64_t schedule, double rho,
                       std::int64_t step)>
      earlier;
  std::string sgd;  ///< lines of the section [sgd]
  /// D and G of a convex problem on a ball, the same at every axes point. They are NaN if the theory does not
  /// apply to the problem.
  double diameter = 1.0;
  double gradient_bound = 1.0;
  std::string problem = "kind = \"made_up\"\n";  ///< lines of the section [problem]
};

/// Writes a results file and opens it. The stepsize η is ρ/10 for the first schedule, 2ρ/10 for the second,
/// and so on.
inline store::ResultsReader make_file(const Sweep& sweep, const Value& value,
                                      const std::string& path = "synthetic.h5") {
  store::FileDescription description;
  description.title = "by construction";
  description.sweep = "title = \"by construction\"\n\n[problem]\n" + sweep.problem + "\n[sgd]\n" + sweep.sgd;
  description.sweep_hash = "0000000000000000";
  description.grid.axes = sweep.axes;
  description.grid.seeds = sweep.seeds;
  for (const std::string& spec : sweep.schedules)
    description.grid.schedules.push_back(model::Schedule::parse(spec));
  description.grid.rhos = sweep.rhos;
  description.metrics = {sweep.metric};
  for (const auto& [metric, of] : sweep.further) description.metrics.push_back(metric);
  description.evaluations = std::ssize(sweep.earlier_steps) + 1;
  const std::int64_t points = description.grid.axes_points();
  const std::int64_t trials = description.grid.trials_per_seed();
  const std::int64_t rhos = std::ssize(sweep.rhos);
  description.steps = sweep.earlier_steps;
  description.steps.push_back(sweep.steps);
  for (const model::Axis& axis : sweep.axes)
    if (axis.key == "sgd.steps") description.steps = std::get<std::vector<std::int64_t>>(axis.values);
  for (std::int64_t i = 0; i < points * trials; ++i)
    description.stepsizes.push_back(sweep.rhos[i % rhos] *
                                    static_cast<double>(i / rhos % (trials / rhos) + 1) / 10.0);
  description.f_star = sweep.f_star.empty() ? std::vector<double>(points, 0.5) : sweep.f_star;
  description.point_keys = sweep.point_keys;
  description.diameter.assign(points, sweep.diameter);
  description.gradient_bound.assign(points, sweep.gradient_bound);
  for (std::size_t i = 0; i < sweep.initial.size() * description.metrics.size(); ++i)
    description.initial.insert(description.initial.end(), sweep.seeds.size(),
                               sweep.initial[i % sweep.initial.size()]);

  store::ResultsFile::create(path, description, {}, store::Existing::overwrite);
  store::ResultsFile file = store::ResultsFile::open(path);
  for (core::PointIndex point; point.value < points; ++point) {
    for (std::int64_t s = 0; s < std::ssize(sweep.seeds); ++s) {
      model::BlockResult result(trials, std::ssize(description.metrics), description.evaluations);
      for (std::int64_t i = 0; i < trials; ++i) {
        const double found = value(point.value, sweep.seeds[s], i / rhos, sweep.rhos[i % rhos]);
        result.status[i] = found == diverged   ? model::CellStatus::diverged
                           : found == pending  ? model::CellStatus::pending
                           : std::isnan(found) ? model::CellStatus::failed
                                               : model::CellStatus::done;
        result.final[i] = found == diverged ? sweep.metric.diverged : found == pending ? failed : found;
        for (std::size_t m = 0; m < sweep.further.size(); ++m)
          result.final[static_cast<std::int64_t>(m + 1) * trials + i] =
              result.status[i] == model::CellStatus::done
                  ? sweep.further[m].second(point.value, sweep.seeds[s], i / rhos, sweep.rhos[i % rhos])
                  : result.final[i];
      }
      for (std::int64_t i = 0; i < std::ssize(result.final); ++i)
        result.curve[(i + 1) * description.evaluations - 1] = result.final[i];
      for (std::int64_t i = 0; i < trials; ++i) {
        if (result.status[i] == model::CellStatus::diverged && sweep.earlier)
          result.diverged_step[i] = sweep.steps;
        for (std::size_t e = 0; e < sweep.earlier_steps.size(); ++e)
          result.curve[i * description.evaluations + static_cast<std::int64_t>(e)] = sweep.earlier(
              point.value, sweep.seeds[s], i / rhos, sweep.rhos[i % rhos], sweep.earlier_steps[e]);
      }
      file.write({.point = point, .seed = s, .first = 0, .trials = trials}, result, core::Rank{0});
    }
  }
  file.close();
  return store::ResultsReader(path);
}

inline analysis::Options with_resamples(std::int64_t resamples) {
  analysis::Options options;
  options.resamples = resamples;
  return options;
}

}  // namespace synthetic
