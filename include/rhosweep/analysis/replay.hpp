#pragma once

#include "rhosweep/analysis/analysis.hpp"
#include "rhosweep/analysis/replay_group.hpp"
#include "rhosweep/analysis/search.hpp"
#include "rhosweep/analysis/stop_replay.hpp"
#include "rhosweep/model/search_settings.hpp"
#include "rhosweep/store/results_reader.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace rhosweep::analysis {

/// Reads the errors of one schedule at an axes point, by increasing ρ (Grid::rhos_of()) and by increasing
/// seed. The error is NaN unless the trial is done or has diverged. @param metric a metric of the file
SeedErrors read_seed_errors(const store::ResultsReader& file, const std::string& metric,
                            core::PointIndex point, std::int64_t schedule);

/// What a search would have done on a schedule of a full sweep. A regret is the mean error over all seeds at
/// the ρ that is found, divided by the least mean error of the grid, minus 1.
struct ScheduleReplay {
  std::string schedule = {};
  double first_ratio = unknown;  ///< SearchRules::first_ratio
  std::int64_t cells = 0;        ///< cells that the search runs
  std::int64_t of_cells = 0;     ///< cells of the full grid
  std::int64_t rounds = 0;
  double rho = unknown;  ///< ρ that the search finds; NaN if all trials of the search have diverged
  double stepsize = unknown;
  double best_rho = unknown;  ///< best ρ of the full grid
  double regret = unknown;
  /// Median regret of random search, which runs uniformly drawn ρ of the grid with all seeds. Random search
  /// runs as many ρ as it can without more cells than the search, but at least one.
  double random_regret = unknown;
  /// Median regret of successive halving (Jamieson & Talwalkar, arXiv 1502.07943): random ρ of the grid start
  /// with one seed; in each round the better half stays and the number of seeds doubles. Successive halving
  /// starts with as many ρ as it can without more cells than the search.
  double halving_regret = unknown;
};

/// What searches would have done on a full sweep, and early stops.
struct Replay {
  std::string metric;
  model::SearchSettings settings;
  std::int64_t cells = 0;        ///< cells that the searches run
  std::int64_t of_cells = 0;     ///< cells of the full grids
  double mean_regret = unknown;  ///< mean regret over all searches
  double worst_regret = unknown;
  double random_regret = unknown;   ///< median of ScheduleReplay::random_regret
  double halving_regret = unknown;  ///< median of ScheduleReplay::halving_regret
  std::vector<ReplayGroup<ScheduleReplay>> groups = {};
  std::vector<StopReplay> stops = {};  ///< from replay_stops()
};

/// Replays a search on the results of a full sweep, with the same decisions as in a run. Throws
/// core::InputError if a cell is not finished.
/// @param settings the settings of the search; if their metric is empty, default_metric() is minimised
Replay replay_search(const store::ResultsReader& file, model::SearchSettings settings);

/// Returns a table for people, in lines of at most core::most_columns.
std::string to_table(const Replay& replay);

/// Returns the replay as JSON, format 1. Each member of Replay keeps its name; in place of `settings` are its
/// tolerance, confidence and first_seeds. Unknown and infinite numbers are null.
std::string to_json(const Replay& replay);

}  // namespace rhosweep::analysis
