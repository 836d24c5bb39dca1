#pragma once

#include "rhosweep/sched/stop.hpp"

#include <chrono>

namespace bench {

/// Seconds of a monotonic clock.
inline double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// For a run that nobody stops.
class NoStop : public rhosweep::sched::Stop {
 public:
  bool requested() override { return false; }
  void request() override {}
  bool overdue() override { return false; }
};

}  // namespace bench
