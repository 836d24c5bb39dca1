#pragma once

#include "commands.hpp"

#include "rhosweep/sched/master.hpp"
#include "rhosweep/study/stopwatch.hpp"

#include <cstdint>
#include <string>

namespace rhosweep::app {

/// Formats a speed: "123 trials/s", "2.5 trials/s"; for slow trials the time per trial, "12.0 s/trial".
std::string rate_text(double trials_per_second);

/// Shows the progress of a run on standard error: a bar on a terminal, else a line after 10 s or after a
/// tenth of the trials, whichever comes first.
class ProgressDisplay {
 public:
  /// @param label text at the start of each line
  ProgressDisplay(ProgressStyle style, std::int64_t trials, std::string label = "");
  /// Ends the line of the bar.
  ~ProgressDisplay();
  ProgressDisplay(const ProgressDisplay&) = delete;
  ProgressDisplay& operator=(const ProgressDisplay&) = delete;

  void update(const sched::Progress& progress);

 private:
  std::string line(const sched::Progress& progress) const;

  ProgressStyle style_;
  std::int64_t trials_;
  std::string label_;
  study::Stopwatch since_start_;
  study::Stopwatch since_shown_;
  int shown_tenths_ = 0;
  bool bar_open_ = false;
};

}  // namespace rhosweep::app
