#pragma once

#include "rhosweep/analysis/analysis.hpp"

#include <string>

namespace rhosweep::analysis {

/// Tables for people.
std::string to_table(const Analysis& analysis);

/// JSON: what Analysis holds, under the same names (of coarse grids mean_regret_ci and worst_regret_ci);
/// intervals are pairs, and what is unknown or infinite is null. theory says whether it applies, with a
/// caveat or null; coverage how many seeds (of of_seeds) count; left_out which ρ the curve lacks; pending and
/// failed of a ρ are trials of all seeds.
std::string to_json(const Analysis& analysis);

/// CSV (RFC 4180), one table: a row for every schedule ("summary"), ρ ("curve", or "left_out" for those
/// without a mean) and coarse grid ("coarse_grid"), named in the column record; columns of the other kinds
/// and what is unknown stay empty. The columns seeds and of_seeds say how many seeds count, pending and
/// failed what is missing, in rows of all kinds but coarse_grid.
std::string to_csv(const Analysis& analysis);

}  // namespace rhosweep::analysis
