#pragma once

#include "rhosweep/model/schedule.hpp"
#include "rhosweep/model/search_settings.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace rhosweep::analysis {

/// The settings of a search over the stepsizes of one schedule.
struct SearchRules {
  double tolerance = 0.05;  ///< relative tolerance of the error at the ρ that is found
  double confidence = 0.9;  ///< confidence of all comparisons together, in [0.5, 1)
  std::int64_t first_seeds = 2;
  double first_ratio = 4.0;  ///< ratio of neighbouring ρ in the first round, > 1
};

/// Returns the rules for a schedule. If the settings have no first_ratio, it is the largest ratio of a grid
/// whose best point has, by the theory, at most 1.25 times the error of the optimum, wherever the grid
/// begins.
/// @param steps number of steps of a trial
SearchRules search_rules(const model::SearchSettings& settings, const model::Schedule& schedule,
                         std::int64_t steps);

/// The errors of one schedule, shape (ρ, seeds), by increasing ρ. Every ρ has the same number of seeds, at
/// least one. An error is +∞ where a trial has diverged or failed and NaN where it is not finished.
using SeedErrors = std::vector<std::vector<double>>;

/// Decides what a search runs next. A pure function.
///
/// A search visits some ρ of the grid, and runs the first few seeds at each of them. The first round has few
/// ρ, far apart, and few seeds.
/// Then the search
/// - visits ρ beyond the visited range while the best ρ is at an end of this range,
/// - halves a gap beside the best ρ if the gap is wider than a factor of 1.6, or if the gap may contain a ρ
///   whose error is lower than at the best ρ by more than the tolerance. To bound the error e in the gap, the
///   search assumes that log e is convex in log ρ, so that the line through two neighbouring points on one
///   side of the gap is a lower bound in the gap,
/// - doubles the seeds of the leader and of each ρ that may be better than the leader by more than the
///   tolerance. The search rules out a ρ only with the confidence of `rules`, over all comparisons together
///   (Student's t of the differences between the same seeds, on the logarithmic scale, with Bonferroni's
///   correction).
/// The leader is the best of the ρ that have the most seeds. The search has ended if none of these steps is
/// left.
///
/// @param rhos the ρ of the grid, increasing
/// @param errors the errors; only those of visited seeds are read, and none of these may be NaN
/// @param seeds for each ρ, the number of its seeds that have been visited; all 0 before the first round
/// @return for each ρ, the number of its seeds to visit: at least the number in `seeds`, and equal to it for
/// every ρ if the search has ended
std::vector<std::int64_t> next_seeds(const SearchRules& rules, std::span<const double> rhos,
                                     const SeedErrors& errors, std::span<const std::int64_t> seeds);

/// How far a search has come.
struct SearchCourse {
  std::vector<std::int64_t> seeds;  ///< for each ρ, the number of seeds visited or wanted now
  bool has_ended = false;           ///< if false, the error of a wanted cell is still NaN
  std::int64_t rounds = 0;          ///< rounds that have begun
  /// The index of the ρ that was found; −1 if the search has not ended or no error is finite.
  std::int64_t best = -1;

  /// Number of cells that were visited or are wanted now.
  std::int64_t cells() const;
};

/// Follows a search from its first round on, as far as the errors of its cells are known. The result depends
/// only on the errors, not on the order in which they arrived.
SearchCourse follow_search(const SearchRules& rules, std::span<const double> rhos, const SeedErrors& errors);

}  // namespace rhosweep::analysis
