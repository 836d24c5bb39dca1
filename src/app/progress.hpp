#pragma once

#include "commands.hpp"

#include "rhosweep/sched/master.hpp"

#include <chrono>
#include <cstdint>
#include <string>

namespace rhosweep::app {

/// Shows on standard error how far a run is: a bar on a terminal, else a line every 10 s or 10 %.
class ProgressDisplay {
 public:
  ProgressDisplay(ProgressStyle style, std::int64_t trials);

  void update(const sched::Progress& progress);
  /// Leaves the terminal on a fresh line.
  void finish();

 private:
  using Clock = std::chrono::steady_clock;

  std::string line(const sched::Progress& progress, double seconds) const;

  ProgressStyle style_;
  std::int64_t trials_;
  Clock::time_point start_ = Clock::now();
  Clock::time_point shown_ = start_;
  int shown_tenths_ = 0;
  bool bar_open_ = false;
};

}  // namespace rhosweep::app
