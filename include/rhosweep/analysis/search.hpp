#pragma once

#include "rhosweep/model/schedule.hpp"
#include "rhosweep/model/search_settings.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace rhosweep::analysis {

/// What a search over the stepsizes of one schedule is asked for.
struct SearchRules {
  double tolerance = 0.05;  ///< of the error at the ρ that is found, relative
  double confidence = 0.9;  ///< of all comparisons together, in [0.5, 1)
  std::int64_t first_seeds = 2;
  double first_ratio = 4.0;  ///< > 1: of neighbouring ρ in the first round
};

/// Returns the rules for a schedule. Without a ratio in the settings the first round is as coarse as it may
/// be so that, by the theory, the best of its points costs at most 25 % more than the optimum.
/// @param steps of a trial
SearchRules search_rules(const model::SearchSettings& settings, const model::Schedule& schedule,
                         std::int64_t steps);

/// The errors of one schedule, by increasing ρ and by seed: of every ρ as many seeds, at least one. An error
/// is +∞ where a trial has diverged or failed and NaN where it is not finished.
using SeedErrors = std::vector<std::vector<double>>;

/// Decides what a search runs next. A pure function.
///
/// A search visits ρ of the grid, each with its first seeds. The first round is coarse and has few seeds.
/// Then the search
/// - goes on beyond the visited ρ while the best one is the outermost of them,
/// - halves a gap beside the best ρ if it is wider than a factor of 1.6 or if something better by more than
///   the tolerance may lie in it. There log e is taken as a convex function of log ρ, so that the lines
///   through the neighbours bound it below,
/// - doubles the seeds of the leader and of each ρ of which it is not certain that it is no better than the
///   leader by more than the tolerance. Certain means: with the confidence asked for, of all comparisons
///   together (Student's t of the differences between the same seeds, on the logarithmic scale, with
///   Bonferroni's correction).
/// The leader is the best of the ρ that have the most seeds. The search has ended if nothing of this is left.
///
/// @param rhos increasing
/// @param errors only those of the seeds in `seeds` are read; none of them may be NaN
/// @param seeds (ρ): how many seeds of each have been visited; all 0 before the first round
/// @return (ρ): how many seeds of each are to be visited, at least as many; the same if the search has ended
std::vector<std::int64_t> next_seeds(const SearchRules& rules, std::span<const double> rhos,
                                     const SeedErrors& errors, std::span<const std::int64_t> seeds);

/// How far a search has come.
struct SearchCourse {
  std::vector<std::int64_t> seeds;  ///< (ρ): seeds that were visited or are wanted now
  bool has_ended = false;           ///< false: some error of a wanted cell is NaN
  std::int64_t rounds = 0;          ///< that were begun
  /// The place of the ρ that was found; −1 if it has not ended or no error is finite.
  std::int64_t best = -1;

  /// Number of cells that were visited or are wanted now.
  std::int64_t cells() const;
};

/// Follows a search from its first round on, as far as the errors of its cells are known. So where it stands
/// depends on the errors only, and not on the order in which they came.
SearchCourse follow_search(const SearchRules& rules, std::span<const double> rhos, const SeedErrors& errors);

}  // namespace rhosweep::analysis
