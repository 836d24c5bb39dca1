#pragma once

#include "rhosweep/analysis/analysis.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace rhosweep::analysis {

/// Returns the headings of the first columns of every table of best stepsizes: the schedule, its best
/// stepsize, ρ at this stepsize, and the metric there.
std::vector<std::string> best_head(const std::string& metric);
/// Returns the values of one schedule in the columns of best_head().
std::vector<std::string> best_row(const ScheduleAnalysis& found);

/// Returns a text for a search, like "found with 31 of 205 cells: 85 % saved".
std::string search_text(std::int64_t cells, std::int64_t of_cells);

/// Returns tables for people, in lines of at most core::most_columns.
std::string to_table(const Analysis& analysis);

/// Returns JSON, format 2: the members of Analysis, under the same names. Intervals are pairs; unknown and
/// infinite numbers are null. A curve's worst_at is not the index but the value along worst_over.
/// jobs/guide/reading.md lists the keys.
std::string to_json(const Analysis& analysis);

/// Returns one table as CSV (RFC 4180). Its column `record` says what a row is: a schedule ("summary"), a ρ
/// ("curve", or "left_out" without a statistic), a factor of the best ρ ("cost_at"), a grid ratio ("grid",
/// "random", "comparison"), a tolerance ("advice") or another sweep ("baseline"). Columns that belong to
/// other records, and unknown values, stay empty. In summary, curve and left_out rows, the columns `seeds`
/// and `of_seeds` hold the number of seeds that count and of all seeds; `cells` holds the number of all
/// cells, `pending` and `failed` of the cells that are missing. Together the rows hold everything that JSON
/// has about a schedule.
std::string to_csv(const Analysis& analysis);

}  // namespace rhosweep::analysis
