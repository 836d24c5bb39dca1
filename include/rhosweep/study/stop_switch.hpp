#pragma once

#include "rhosweep/sched/stop.hpp"
#include "rhosweep/study/stopwatch.hpp"

#include <optional>
#include <string>

namespace rhosweep::study {

/// Stops a run early, for the first of: SIGUSR1, SIGTERM or SIGINT, a deadline, another rank, or the run
/// itself. Blocks in hand get two seconds to end; none after SIGTERM and SIGINT, whose senders may not wait
/// that long. A second signal ends the process at once, with the exit code of a drained run: the results file
/// can be resumed at any moment. One at a time.
class StopSwitch : public sched::Stop {
 public:
  /// Catches the signals from now on.
  StopSwitch();
  ~StopSwitch() override;
  StopSwitch(const StopSwitch&) = delete;
  StopSwitch& operator=(const StopSwitch&) = delete;

  /// Stops by itself so many seconds after it was made.
  void set_deadline(double seconds) { deadline_ = seconds; }
  /// Seconds left until the deadline, none without one.
  std::optional<double> time_left() const;

  bool requested() override;
  void request() override { request("another rank"); }
  /// @param reason as in "stopped by REASON"
  void request(const std::string& reason);
  bool overdue() override;

  /// What stopped the run; empty if nothing has.
  const std::string& reason() const { return reason_; }

 private:
  Stopwatch since_start_;
  std::optional<double> deadline_;
  std::string reason_;
  double requested_at_ = 0.0;  ///< on since_start_
  bool urgent_ = false;
};

}  // namespace rhosweep::study
