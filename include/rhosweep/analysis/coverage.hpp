#pragma once

#include "rhosweep/core/ids.hpp"

#include <cstdint>
#include <vector>

namespace rhosweep::store {
class ResultsReader;
}

namespace rhosweep::analysis {

/// Counts of the trials that are missing in a part of the grid.
struct Missing {
  std::int64_t cells = 0;  ///< all cells in this part of the grid
  std::int64_t pending = 0;
  std::int64_t failed = 0;
  std::int64_t not_needed = 0;  ///< cells that a search did not run, and which are therefore not missing
  std::int64_t stopped = 0;     ///< cells whose trials [stop_when] has stopped; they are not missing, either

  bool any() const { return pending + failed > 0; }
  Missing& operator+=(const Missing& other);
};

/// The seeds over which the means at a set of axes points are taken, also while trials are missing. All
/// schedules and all ρ at all of these points use the same seeds, so that comparisons stay paired.
///
/// A seed is complete if none of its trials at these points is pending. Means are over the complete seeds. If
/// no seed is complete, means are over all seeds, and exist only at those ρ of a schedule where every seed
/// has finished.
///
/// A failed trial has no result, but its seed can still be complete: the mean at its ρ is unknown, and its
/// schedule leaves out this ρ. Leaving out the seed instead would change every other mean and favour
/// stepsizes that fail only for hard seeds. It would also leave hardly any seed, because a program that fails
/// at a bad stepsize does so for most seeds.
///
/// A stopped trial ([stop_when]) has no result, either, but is known to be far from the best of its seed. Its
/// schedule also leaves out its ρ, so that it is never the best.
///
/// A search ([search]) runs few of the cells, with a different number of seeds at each ρ. Every seed then
/// counts as complete, and each schedule has means only at the ρ with the most seeds, over these seeds.
struct Coverage {
  std::int64_t of_seeds = 0;                 ///< number of seeds in the grid
  std::int64_t complete_seeds = 0;           ///< number of complete seeds
  std::vector<std::int64_t> seeds;           ///< the seeds of the means: indices into Grid::seeds, increasing
  std::vector<std::int64_t> seeds_left_out;  ///< values of seeds not in the means, in the grid's order
  std::vector<std::int64_t> seeds_failed;    ///< values of seeds with a failed trial, in the grid's order
  std::vector<Missing> missing;  ///< shape (schedules, ρ): missing trials, summed over all seeds and points

  std::int64_t seeds_used() const { return std::ssize(seeds); }
  bool any_missing() const;
};

/// Reads the coverage of a file, which a run may still be writing. Reads one schedule at a time.
/// @param points the axes points, at least one
Coverage read_coverage(const store::ResultsReader& file, const std::vector<core::PointIndex>& points);

}  // namespace rhosweep::analysis
