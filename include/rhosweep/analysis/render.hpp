#pragma once

#include "rhosweep/analysis/analysis.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace rhosweep::analysis {

/// Returns the first columns of every table of best stepsizes: the schedule, its stepsize and ρ, and the
/// metric there.
std::vector<std::string> best_head(const std::string& metric);
std::vector<std::string> best_row(const ScheduleAnalysis& found);

/// Returns "found with 31 of 205 cells: 85 % saved" for a search.
std::string search_text(std::int64_t cells, std::int64_t of_cells);

/// Tables for people, in lines of at most core::most_columns.
std::string to_table(const Analysis& analysis);

/// JSON, format 2: what Analysis holds, under the same names; intervals are pairs, and what is unknown or
/// infinite is null. A curve's worst_at is the value along worst_over. jobs/guide/reading.md lists the keys.
std::string to_json(const Analysis& analysis);

/// CSV (RFC 4180), one table whose column `record` says what a row is: a schedule ("summary"), a ρ ("curve",
/// or "left_out" without a statistic), a factor of the best ρ ("cost_at"), a grid ratio ("grid", "random",
/// "comparison"), a tolerance ("advice") or another sweep ("baseline"). Columns that belong to other records,
/// and unknown values, stay empty. In summary, curve and left_out rows, `seeds` of `of_seeds` seeds count,
/// and `pending` and `failed` of `cells` cells are missing. Together the rows hold everything that JSON has
/// about a schedule.
std::string to_csv(const Analysis& analysis);

}  // namespace rhosweep::analysis
