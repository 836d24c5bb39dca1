#pragma once

#include "rhosweep/analysis/analysis.hpp"

#include <string>

namespace rhosweep::analysis {

/// Tables for people.
std::string to_table(const Analysis& analysis);

/// JSON (design, "Contract: analysis"). What is unknown or infinite is null; beside the contract's keys there
/// are worst_over, seeds, resamples, missing, theory (whether it applies, with a caveat or null) and
/// warnings; per group coverage (seeds of of_seeds count, complete_seeds, seeds_left_out); per schedule
/// exponent_points, theory_slope, missing and left_out (the ρ that the curve lacks); per ρ there and in the
/// curve pending and failed trials of all seeds; per coarse grid stride, mean_regret_ci and worst_regret_ci;
/// per advice grid_points and of_points.
std::string to_json(const Analysis& analysis);

/// CSV (RFC 4180), one table: a row for every schedule ("summary"), ρ ("curve", or "left_out" for those
/// without a mean) and coarse grid ("coarse_grid"), named in the column record; columns of the other kinds
/// and what is unknown stay empty. The columns seeds and of_seeds say how many seeds count, pending and
/// failed what is missing, in rows of all kinds but coarse_grid.
std::string to_csv(const Analysis& analysis);

}  // namespace rhosweep::analysis
