#pragma once

#include "rhosweep/analysis/analysis.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace rhosweep::analysis {

/// What every table of best stepsizes begins with: the schedule, its stepsize and ρ, and the metric there.
std::vector<std::string> best_head(const std::string& metric);
std::vector<std::string> best_row(const ScheduleAnalysis& found);

/// "found with 31 of 205 cells: 85 % saved", of a search.
std::string search_text(std::int64_t cells, std::int64_t of_cells);

/// Tables for people, in lines of at most core::most_columns.
std::string to_table(const Analysis& analysis);

/// JSON, format 2: what Analysis holds, under the same names; intervals are pairs, and what is unknown or
/// infinite is null. A curve's worst_at is the value along worst_over. jobs/guide/reading.md lists the keys.
std::string to_json(const Analysis& analysis);

/// CSV (RFC 4180), one table whose column `record` says what a row is: a schedule ("summary"), a ρ ("curve",
/// or "left_out" without a statistic), a factor of the best ρ ("cost_at"), a grid ratio ("grid", "random",
/// "comparison"), a tolerance ("advice") or another sweep ("baseline"). Columns of the other kinds and what
/// is unknown stay empty. The columns seeds and of_seeds say how many seeds count, pending and failed of how
/// many cells what is missing, in rows of the first three. Together the rows hold all that JSON has of a
/// schedule.
std::string to_csv(const Analysis& analysis);

}  // namespace rhosweep::analysis
