#pragma once

#include "rhosweep/analysis/bootstrap.hpp"

#include <cmath>
#include <string>
#include <vector>

#include <fmt/format.h>

namespace rhosweep::analysis {

/// Sentences are broken at this width.
inline constexpr std::size_t most_columns = 80;

/// Cells of text in columns: the first to the left, the others to the right. Columns that do not fit into
/// most_columns follow below, again beside the first.
class TextTable {
 public:
  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  std::string text() const;

 private:
  /// The first column and those from `first` to before `end`.
  std::string columns(const std::vector<std::size_t>& widths, std::size_t first, std::size_t end) const;

  std::vector<std::vector<std::string>> rows_;
};

/// Says what holds for which schedules and where, with each reason once: "linear, cosine: no advice for 10 %
/// and 50 %: the best stepsize lies at the edge of the sweep". Lines are broken at most_columns.
class ReasonLines {
 public:
  /// @param what there is none of: "no advice"; empty if the reason says it
  explicit ReasonLines(std::string what) : what_(std::move(what)) {}

  /// @param reason nothing is added for an empty one
  /// @param where "10 %"
  /// @param of places in all: a reason that holds at every place names none
  void add(const std::string& schedule, const std::string& reason, const std::string& where, std::size_t of);
  std::string text() const;

 private:
  struct Entry {
    std::string schedule;
    std::string reason;
    std::vector<std::string> places{};
    std::size_t of = 0;
  };
  std::string line(const Entry& entry) const;

  std::string what_;
  std::vector<Entry> entries_;
};

// Numbers as text: "-" for NaN, "diverged" for +∞.
std::string number_text(double value, int digits);
std::string fixed_text(double value, int digits);

/// A cost minus 1 as a factor: "1.34", "12.4", "350".
std::string factor_text(double cost);

/// A grid ratio, to two digits from 10 on; infinite where it lies beyond what the sweep can judge.
std::string grid_ratio_text(double value);

/// "[1.2, 3.4]"; "-" if it is not known.
template <class Format>
std::string interval_text(const Interval& ends, const Format& format) {
  return std::isnan(ends.low) ? "-" : fmt::format("[{}, {}]", format(ends.low), format(ends.high));
}

}  // namespace rhosweep::analysis
