#pragma once

#include "rhosweep/sched/stop.hpp"

#include <chrono>

namespace bench {

/// Seconds of a clock that never goes back.
inline double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// Of a run that nobody stops.
class NoStop : public rhosweep::sched::Stop {
 public:
  bool requested() override { return false; }
  void request() override {}
  bool overdue() override { return false; }
};

}  // namespace bench
