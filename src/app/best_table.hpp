#pragma once

#include "rhosweep/analysis/analysis.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace rhosweep::app {

/// What the best stepsizes of a results file need: no intervals, theory or grid costs.
analysis::Options quick_look();

/// A table with a row for each schedule: its name to the left, then numbers to the right.
class BestTable {
 public:
  struct Column {
    std::string head;
    std::size_t width;  ///< at least
  };

  /// @param group whose schedules are shown
  /// @param columns that of the schedules first
  /// @param indent before every line
  BestTable(const analysis::Group& group, std::vector<Column> columns, std::string indent = "");

  std::string head() const;
  /// @param texts of the columns after the schedule; those at the end may be left out
  std::string row(const std::string& schedule, const std::vector<std::string>& texts) const;

 private:
  std::vector<Column> columns_;
  std::string indent_;
};

}  // namespace rhosweep::app
