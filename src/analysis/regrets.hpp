#pragma once

#include "rhosweep/analysis/replay.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace rhosweep::analysis {

/// Throws core::InputError unless all trials of the file have run to their end.
void require_full(const store::ResultsReader& file);

/// Returns read_seed_errors() of a full sweep, where a failed trial has an infinite error: it is never the
/// best.
SeedErrors full_seed_errors(const store::ResultsReader& file, const std::string& metric,
                            core::PointIndex point, std::int64_t schedule);

/// Returns the regret of choosing each ρ, by the mean error over all seeds, shape (ρ). All are infinite if no
/// ρ has a finite mean error.
std::vector<double> regrets_of(const SeedErrors& errors);

/// Returns the mean of values. @pre there is at least one
double mean(std::span<const double> values);

/// Sets the mean and the worst regret of a replay, over all schedules where some ρ has a finite error. The
/// regret is infinite where the replay finds nothing.
template <class Replay>
void sum_up_regrets(Replay& replay) {
  std::vector<double> regrets;
  for (const auto& group : replay.groups)
    for (const auto& each : group.schedules)
      if (!std::isnan(each.best_rho)) regrets.push_back(std::isnan(each.regret) ? infinite : each.regret);
  if (regrets.empty()) return;
  replay.mean_regret = mean(regrets);
  replay.worst_regret = *std::ranges::max_element(regrets);
}

}  // namespace rhosweep::analysis
