#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace rhosweep::analysis {

/// Lists each reason once, with its schedules and places: "linear, cosine: no advice for 10 % and 50 %: the
/// best stepsize lies at the edge of the sweep". Lines are broken at core::most_columns.
class ReasonLines {
 public:
  /// @param what the missing result, such as "no advice"; empty if the reasons say what is missing
  explicit ReasonLines(std::string what) : what_(std::move(what)) {}

  /// Adds a reason of a schedule at one place, unless the reason is empty.
  /// @param where the place, such as "10 %"
  /// @param of the number of all places; a reason that holds at all of them is shown without places
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

}  // namespace rhosweep::analysis
