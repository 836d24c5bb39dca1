#pragma once

namespace rhosweep::sched {

/// Whether this rank has been asked to stop early: by a signal, a time limit, or another rank. The clock that
/// sched does not know is behind it.
class Stop {
 public:
  virtual ~Stop() = default;

  /// Whether to begin nothing more.
  virtual bool requested() = 0;
  /// Another rank asks this one to stop.
  virtual void request() = 0;
  /// Whether the time to end the block in hand is over, so that it is to be dropped.
  virtual bool overdue() = 0;
};

}  // namespace rhosweep::sched
