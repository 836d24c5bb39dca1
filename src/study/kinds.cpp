#include "rhosweep/study/kinds.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/data/multipliers_file.hpp"
#include "rhosweep/program/command_kind.hpp"
#include "rhosweep/sgd/lockstep_runner.hpp"
#include "rhosweep/theory/grid_cost.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace rhosweep::study {

namespace {

double grid_ratio(const model::Schedule& schedule, std::int64_t steps, double regret) {
  // More steps than this hardly change the grid ratio, but the time to compute it grows with their number.
  constexpr std::int64_t most_steps = 10'000;
  return theory::crossing_ratios(schedule, std::min(steps, most_steps), std::span(&regret, 1)).front();
}

}  // namespace

std::vector<model::KindDocumentation> kinds() {
  model::KindDocumentation command = program::command_kind();
  std::vector<model::KindDocumentation> list;
  for (const problem::ProblemKind& kind : problem::kinds()) {
    core::require(kind.schema.kind != command.schema.kind, "no problem has the name of the kind of programs");
    list.push_back({kind.schema, kind.objective, kind.metrics, kind.constants});
  }
  list.push_back(std::move(command));
  return list;
}

std::vector<model::ProblemSchema> catalogue() {
  std::vector<model::ProblemSchema> list;
  for (model::KindDocumentation& kind : kinds()) {
    list.push_back(std::move(kind.schema));
    list.back().grid_ratio = grid_ratio;
    list.back().read_multipliers = data::read_multipliers;
  }
  return list;
}

model::Schedule parse_schedule(const std::string& spec, std::int64_t steps) {
  return model::Schedule::parse(spec,
                                {.read = [](const std::string& file) { return data::read_multipliers(file); },
                                 .least_steps = steps,
                                 .most_steps = steps});
}

std::vector<model::KeySpec> keys_of(const std::string& kind) {
  for (model::ProblemSchema& schema : catalogue())
    if (schema.kind == kind) return std::move(schema.keys);
  return {};
}

std::string metric_names(const model::TrialRunner& runner) {
  std::vector<std::string> names;
  for (const model::Metric& metric : runner.metrics()) names.push_back(metric.name);
  return fmt::format("{}", fmt::join(names, ", "));
}

problem::Needs needs_of(const model::ProblemSettings& settings, model::Precision precision) {
  if (settings.kind() == program::command_name) return {};
  return problem::needs_of(settings, precision);
}

std::shared_ptr<const model::TrialRunner> make_runner(const model::ProblemSettings& settings,
                                                      model::Precision precision, const RunnerParts& parts) {
  if (settings.kind() == program::command_name)
    return program::make_runner(settings, parts.place, parts.living, parts.results);
  return std::make_shared<sgd::LockstepRunner>(problem::make_problem(settings, precision, parts.materials),
                                               parts.multipliers);
}

}  // namespace rhosweep::study
