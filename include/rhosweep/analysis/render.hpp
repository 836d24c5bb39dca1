#pragma once

#include "rhosweep/analysis/analysis.hpp"

#include <string>

namespace rhosweep::analysis {

/// Tables for people.
std::string to_table(const Analysis& analysis);

/// JSON (design, "Contract: analysis"). What is unknown or infinite is null; beside the contract's keys there
/// are worst_over, seeds, resamples, missing and warnings, per schedule exponent_points, theory_slope and
/// missing, per coarse grid stride, mean_regret_ci and worst_regret_ci, per advice grid_points and of_points.
std::string to_json(const Analysis& analysis);

/// CSV (RFC 4180), one table: a row for every schedule ("summary"), ρ ("curve") and coarse grid
/// ("coarse_grid"), named in the column record; columns of the other kinds and what is unknown stay empty.
std::string to_csv(const Analysis& analysis);

}  // namespace rhosweep::analysis
