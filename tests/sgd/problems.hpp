#pragma once

#include "support/problem_settings.hpp"

#include "rhosweep/problem/registry.hpp"
#include "rhosweep/sgd/run_block.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace rhosweep::test {

inline std::shared_ptr<const problem::Problem> make(const std::string& kind,
                                                    std::map<std::string, model::Value> values,
                                                    model::Precision precision = model::Precision::float64) {
  problem::Materials materials;
  return problem::make_problem(problem_settings(kind, std::move(values)), precision, materials);
}

/// f(x) = λ x²/2 on |x| <= radius, from x = radius.
inline std::shared_ptr<const problem::Problem> quadratic(
    double curvature, double radius, double noise, model::Precision precision = model::Precision::float64) {
  return make("quadratic", {{"curvature", curvature}, {"radius", radius}, {"noise", noise}}, precision);
}

inline bool keep_on() {
  return true;
}

/// Runs trials of one schedule, a stepsize each.
inline model::BlockResult run(const problem::Problem& problem, const model::SgdSettings& sgd,
                              const std::string& schedule, const std::vector<double>& stepsizes,
                              std::int64_t seed = 0) {
  const auto h = model::Schedule::parse(schedule);
  std::vector<sgd::Trial> trials;
  for (const double stepsize : stepsizes) trials.push_back({&h, stepsize});
  sgd::Multipliers multipliers;
  return sgd::run_block(problem, sgd, seed, trials, multipliers, keep_on).value();
}

/// Index of a metric.
inline std::int64_t metric(const problem::Problem& problem, const std::string& name) {
  for (std::size_t m = 0; m < problem.metrics().size(); ++m) {
    if (problem.metrics()[m].name == name) return static_cast<std::int64_t>(m);
  }
  throw std::out_of_range(name);
}

inline double final_value(const model::BlockResult& result, const problem::Problem& problem,
                          const std::string& name, std::int64_t trial) {
  return result.final[metric(problem, name) * result.trials() + trial];
}

}  // namespace rhosweep::test
