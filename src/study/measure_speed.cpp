#include "rhosweep/study/measure_speed.hpp"

#include "rhosweep/study/stopwatch.hpp"

#include <algorithm>
#include <vector>

namespace rhosweep::study {

namespace {

/// Operations of the measured sample: enough for an exact timing, few enough to take less than a second.
constexpr double sample_operations = 1e9;

}  // namespace

double measure_speed(const Study& study, const model::Partition& blocks) {
  const model::Block block = blocks[core::BlockIndex{0}];
  const model::TrialRunner& runner = study.runner(block.point);
  const std::vector<model::Trial> trials = study.trials(block);
  model::SgdSettings sgd = study.sweep().sgd(block.point);
  const double share = sample_operations / (runner.cost(sgd).work * static_cast<double>(trials.size()));
  if (share < 1.0) {
    sgd.steps = std::max<std::int64_t>(1, static_cast<std::int64_t>(share * static_cast<double>(sgd.steps)));
    sgd.evaluations = std::clamp<std::int64_t>(
        static_cast<std::int64_t>(share * static_cast<double>(sgd.evaluations)), 1, sgd.steps);
  }
  const auto measure = [&] {
    const Stopwatch stopwatch;
    runner.run(sgd, study.grid().seeds.front(), trials, [] { return true; });
    return stopwatch.seconds();
  };
  measure();  // not counted: the first call fills tables, which a run does only once
  return runner.cost(sgd).work * static_cast<double>(trials.size()) / std::min(measure(), measure());
}

}  // namespace rhosweep::study
