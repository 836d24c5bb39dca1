#pragma once

#include "rhosweep/analysis/analysis.hpp"
#include "rhosweep/analysis/replay_group.hpp"
#include "rhosweep/model/stop_when.hpp"
#include "rhosweep/store/results_reader.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace rhosweep::analysis {

/// What [stop_when] would have done on a schedule of a full sweep.
struct ScheduleStops {
  std::string schedule = {};
  std::int64_t stopped = 0;    ///< trials that it stops
  std::int64_t of_trials = 0;  ///< of the full grid
  double saved_share = 0.0;    ///< of the steps of the full grid
  double rho = unknown;        ///< the best ρ without a stopped trial; NaN if all of them have diverged
  double best_rho = unknown;   ///< best ρ of the full grid
  double regret = unknown;     ///< of `rho`, as in ScheduleReplay
  std::int64_t stopped_at_best = 0;  ///< seeds of the best ρ of the full grid that it stops
};

/// What [stop_when] would have done on a full sweep.
struct StopReplay {
  std::string metric;
  model::StopWhen settings;
  double saved_share = 0.0;      ///< of the steps of the full grid
  double mean_regret = unknown;  ///< over all schedules and axes points where some ρ has a finite error
  double worst_regret = unknown;
  std::vector<ReplayGroup<ScheduleStops>> groups = {};
};

/// The factors with which [stop_when] is replayed, beside that of the file.
inline constexpr double replayed_factors[] = {2.0, 5.0, 10.0};

/// Replays [stop_when] on the learning curves of a full sweep, with the rule of a run, once for each factor.
/// Returns no replay if the learning curves have only one point. Throws core::InputError if a cell has not
/// run to its end.
/// @param settings the rule. An empty metric means default_metric(). If there is no evaluation between `from`
/// and the end, trials are compared at the last evaluation before the end.
std::vector<StopReplay> replay_stops(const store::ResultsReader& file, model::StopWhen settings);

}  // namespace rhosweep::analysis
