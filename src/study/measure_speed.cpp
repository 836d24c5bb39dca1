#include "rhosweep/study/measure_speed.hpp"

#include "rhosweep/sgd/run_block.hpp"
#include "rhosweep/study/stopwatch.hpp"

#include <algorithm>
#include <vector>

namespace rhosweep::study {

namespace {

/// Operations of the measured sample: long enough to time, short enough not to wait for.
constexpr double sample_operations = 1e9;

}  // namespace

double measure_speed(const Study& study, const model::Partition& blocks) {
  const model::Block block = blocks[core::BlockIndex{0}];
  const problem::Problem& problem = study.problem(block.point);
  const std::vector<sgd::Trial> trials = study.trials(block);
  model::SgdSettings sgd = study.sweep().sgd(block.point);
  const double share =
      sample_operations / (sgd::trial_work(problem, sgd) * static_cast<double>(trials.size()));
  if (share < 1.0) {
    sgd.steps = std::max<std::int64_t>(1, static_cast<std::int64_t>(share * static_cast<double>(sgd.steps)));
    sgd.evaluations = std::clamp<std::int64_t>(
        static_cast<std::int64_t>(share * static_cast<double>(sgd.evaluations)), 1, sgd.steps);
  }
  sgd::Multipliers multipliers;
  const auto measure = [&] {
    const Stopwatch stopwatch;
    run_block(problem, sgd, study.grid().seeds.front(), trials, multipliers, [] { return true; });
    return stopwatch.seconds();
  };
  measure();  // once to make tables and code, which a run does once
  return sgd::trial_work(problem, sgd) * static_cast<double>(trials.size()) / std::min(measure(), measure());
}

}  // namespace rhosweep::study
