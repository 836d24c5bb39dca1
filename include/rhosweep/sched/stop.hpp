#pragma once

namespace rhosweep::sched {

/// Tells whether this rank has been asked to stop early: by a signal, a time limit or another rank.
/// Implementations may use a clock; sched itself has none.
class Stop {
 public:
  virtual ~Stop() = default;

  /// Whether this rank must not start another block.
  virtual bool requested() = 0;
  /// Called when another rank asks this rank to stop.
  virtual void request() = 0;
  /// Whether the time to finish the running block has passed, so that the block must be dropped.
  virtual bool overdue() = 0;
};

}  // namespace rhosweep::sched
