#pragma once

#include "rhosweep/sched/stop.hpp"
#include "rhosweep/study/stopwatch.hpp"

#include <optional>
#include <string>

namespace rhosweep::study {

/// Stops a run early: on SIGUSR1, SIGTERM or SIGINT, at a deadline, or when another rank or the run itself
/// requests it. Running blocks get two seconds to end. After SIGTERM and SIGINT, whose senders may not wait
/// that long, running blocks are abandoned at once. On a second signal, or four seconds after the first, the
/// process ends at once with ExitCode::drained; this is safe, since the results file can be resumed at any
/// moment. Only one StopSwitch may exist at a time.
class StopSwitch : public sched::Stop {
 public:
  /// Installs the signal handlers.
  /// @param announces whether a process that is ended after four seconds prints a warning to standard error
  explicit StopSwitch(bool announces = true);
  ~StopSwitch() override;
  StopSwitch(const StopSwitch&) = delete;
  StopSwitch& operator=(const StopSwitch&) = delete;

  /// Requests a stop `seconds` seconds after construction.
  void set_deadline(double seconds) { deadline_ = seconds; }
  /// Seconds until the deadline; nullopt if there is none.
  std::optional<double> time_left() const;

  bool requested() override;
  void request() override { request("another rank"); }
  /// @param reason the words that follow "stopped by" in messages
  void request(const std::string& reason);
  bool overdue() override;

  /// The reason for the stop; empty if none was requested.
  const std::string& reason() const { return reason_; }

 private:
  Stopwatch since_start_;
  std::optional<double> deadline_;
  std::string reason_;
  double requested_at_ = 0.0;  ///< time of the request on since_start_
  bool urgent_ = false;
};

}  // namespace rhosweep::study
