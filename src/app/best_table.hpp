#pragma once

#include "rhosweep/analysis/analysis.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace rhosweep::app {

/// Returns the options that compute the best stepsizes only: no intervals, no theory, no grid costs.
analysis::Options quick_look();

/// A table with one row per schedule. The schedule's name is left-aligned, the numbers are right-aligned.
class BestTable {
 public:
  struct Column {
    std::string head;
    std::size_t width;  ///< minimum, in characters
  };

  /// @param group its schedules set the width of the first column
  /// @param columns the first one holds the schedules
  /// @param indent printed before every row
  BestTable(const analysis::Group& group, std::vector<Column> columns, std::string indent = "");

  std::string head() const;
  /// @param texts for the columns after the schedule; the last columns may be left out
  std::string row(const std::string& schedule, const std::vector<std::string>& texts) const;

 private:
  std::vector<Column> columns_;
  std::string indent_;
};

}  // namespace rhosweep::app
