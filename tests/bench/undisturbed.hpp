#pragma once

#include "rhosweep/sched/stop.hpp"

#include <chrono>

namespace bench {

/// Returns the time of a monotonic clock in seconds.
inline double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// A stop signal that is never requested.
class NoStop : public rhosweep::sched::Stop {
 public:
  bool requested() override { return false; }
  void request() override {}
  bool overdue() override { return false; }
};

}  // namespace bench
