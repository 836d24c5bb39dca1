#pragma once

#include "support/problem_settings.hpp"

#include "rhosweep/sgd/lanes.hpp"
#include "rhosweep/sgd/run_block.hpp"

#include <memory>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

namespace rhosweep::test {

/// Returns the problem f(x) = λ x²/2 on |x| <= radius, started at x = radius. λ is `curvature`.
inline std::shared_ptr<const problem::Problem> quadratic(
    double curvature, double radius, double noise, model::Precision precision = model::Precision::float64) {
  return make_problem("quadratic", {{"curvature", curvature}, {"radius", radius}, {"noise", noise}},
                      precision);
}

inline bool keep_on() {
  return true;
}

/// Runs one trial per stepsize, all with the same schedule.
inline model::BlockResult run(const problem::Problem& problem, const model::SgdSettings& sgd,
                              const std::string& schedule, const std::vector<double>& stepsizes,
                              std::int64_t seed = 0) {
  const auto h = model::Schedule::parse(schedule);
  std::vector<sgd::Trial> trials;
  for (const double stepsize : stepsizes) trials.push_back({&h, stepsize});
  sgd::Multipliers multipliers;
  return sgd::run_block(problem, sgd, seed, trials, multipliers, keep_on).value();
}

/// Checks that a trial has the same checksum in a block with other trials as in a block of its own. Compares
/// the first and the last trial of the block, the last one of its first tile and the first one of the next
/// tile. @pre there are more stepsizes than lanes, the trials of a tile
inline void check_same_bits_alone(const problem::Problem& problem, const model::SgdSettings& sgd,
                                  const std::string& schedule, const std::vector<double>& stepsizes) {
  const auto together = model::checksums(run(problem, sgd, schedule, stepsizes));
  for (const std::size_t i :
       {std::size_t{0}, std::size_t{sgd::lanes - 1}, std::size_t{sgd::lanes}, stepsizes.size() - 1})
    CHECK(together[i] == model::checksums(run(problem, sgd, schedule, {stepsizes[i]}))[0]);
}

/// Returns the index of a metric.
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
