#pragma once

#include "rhosweep/model/schedule.hpp"
#include "rhosweep/model/search_settings.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace rhosweep::analysis {

/// The settings of a search over the stepsizes of one schedule.
struct SearchRules {
  double tolerance = 0.05;  ///< relative, of the error at the ρ that is found
  double confidence = 0.9;  ///< of all comparisons together, in [0.5, 1)
  std::int64_t first_seeds = 2;
  double first_ratio = 4.0;  ///< > 1: of neighbouring ρ in the first round
};

/// Returns the rules for a schedule. Without a ratio in the settings the first round is as coarse as it may
/// be so that, by the theory, the best of its points costs at most 25 % more than the optimum.
/// @param steps of a trial
SearchRules search_rules(const model::SearchSettings& settings, const model::Schedule& schedule,
                         std::int64_t steps);

/// The errors of one schedule, (ρ, seeds), by increasing ρ. Every ρ has the same number of seeds, at least
/// one. An error is +∞ where a trial has diverged or failed and NaN where it is not finished.
using SeedErrors = std::vector<std::vector<double>>;

/// Decides what a search runs next. A pure function.
///
/// A search visits ρ of the grid, each with its first seeds. The first round is coarse and has few seeds.
/// Then the search
/// - goes on beyond the visited ρ while the best one is the outermost of them,
/// - halves a gap beside the best ρ if it is wider than a factor of 1.6 or if something better by more than
///   the tolerance may lie in it. There it takes log e as a convex function of log ρ, so that the lines
///   through the neighbours are lower bounds,
/// - doubles the seeds of the leader and of each ρ that may be better than the leader by more than the
///   tolerance. This is ruled out only with the confidence asked for, over all comparisons together
///   (Student's t of the differences between the same seeds, on the logarithmic scale, with Bonferroni's
///   correction).
/// The leader is the best of the ρ that have the most seeds. The search has ended if none of these steps is
/// left.
///
/// @param rhos increasing
/// @param errors only those of the seeds in `seeds` are read; none of them may be NaN
/// @param seeds (ρ): how many seeds of each have been visited; all 0 before the first round
/// @return (ρ): how many seeds of each are to be visited: at least `seeds`, and equal to it if the search has
/// ended
std::vector<std::int64_t> next_seeds(const SearchRules& rules, std::span<const double> rhos,
                                     const SeedErrors& errors, std::span<const std::int64_t> seeds);

/// How far a search has come.
struct SearchCourse {
  std::vector<std::int64_t> seeds;  ///< (ρ): seeds that were visited or are wanted now
  bool has_ended = false;           ///< false: some error of a wanted cell is NaN
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
