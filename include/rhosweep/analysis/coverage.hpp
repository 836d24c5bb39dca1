#pragma once

#include "rhosweep/core/ids.hpp"

#include <cstdint>
#include <vector>

namespace rhosweep::store {
class ResultsReader;
}

namespace rhosweep::analysis {

/// Trials that a part of the grid lacks.
struct Missing {
  std::int64_t cells = 0;  ///< of the part
  std::int64_t pending = 0;
  std::int64_t failed = 0;
  std::int64_t not_needed = 0;  ///< by the search that the run was; no trial is missing there

  bool any() const { return pending + failed > 0; }
  Missing& operator+=(const Missing& other);
};

/// What the means over seeds at some axes points stand on while trials are missing. The same seeds count at
/// all these points, schedules and ρ, so that comparisons stay paired.
///
/// A seed is complete if none of its trials there is pending. Means are over the complete seeds; if there is
/// none, over all seeds, at those ρ of a schedule where every seed has finished.
///
/// A failed trial is no result, nor is it awaited: the mean at its ρ is unknown, and the ρ is left out of its
/// schedule. To leave out the seed instead would change every other mean, and favour the stepsizes that fail
/// only for hard seeds; and as programs fail at bad stepsizes for most seeds, hardly any seed would be left.
///
/// A search ([search]) runs few of the cells, and each ρ with other numbers of seeds. There every seed counts
/// as complete, and each schedule has means at the ρ with the most seeds, over these seeds.
struct Coverage {
  std::int64_t of_seeds = 0;                 ///< that the grid has
  std::int64_t complete_seeds = 0;           ///< of them
  std::vector<std::int64_t> seeds;           ///< that count: indices into Grid::seeds, increasing
  std::vector<std::int64_t> seeds_left_out;  ///< the others themselves, in the grid's order
  std::vector<std::int64_t> seeds_failed;    ///< those with a failed trial, in the grid's order
  std::vector<Missing> missing;              ///< (schedules, ρ): of all seeds and points

  std::int64_t seeds_used() const { return std::ssize(seeds); }
  bool any_missing() const;
};

/// Of a file, perhaps while a run is writing it. Reads by one schedule at a time.
/// @param points at least one
Coverage read_coverage(const store::ResultsReader& file, const std::vector<core::PointIndex>& points);

}  // namespace rhosweep::analysis
