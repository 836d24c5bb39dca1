#include "rhosweep/study/stop_switch.hpp"

#include "rhosweep/core/error.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <ctime>
#include <string_view>
#include <tuple>

#include <poll.h>
#include <unistd.h>

namespace rhosweep::study {

namespace {

constexpr double grace_seconds = 2.0;
/// The same request may arrive twice, from mpirun and through the process group. A signal within this time
/// after the first is not taken as a second request.
constexpr double echo_seconds = 0.5;

/// Seconds after a signal at which the process is ended even if it does not poll the switch, for example in
/// the solver before the first trial or in a step on a huge mini-batch. A run promises to end within 5 s.
constexpr unsigned most_seconds = 4;
/// A process that prints no warning then ends so much later: as soon as one rank ends, mpirun kills the
/// others, maybe before rank 0 has printed its warning.
constexpr int silent_milliseconds = 500;

constexpr std::array handled_signals{SIGUSR1, SIGTERM, SIGINT, SIGALRM};
std::array<struct sigaction, handled_signals.size()> actions_before;

volatile std::sig_atomic_t first_signal = 0;
volatile std::sig_atomic_t is_announcing = 0;
timespec first_time{};

double seconds_between(const timespec& a, const timespec& b) {
  return static_cast<double>(b.tv_sec - a.tv_sec) + 1e-9 * static_cast<double>(b.tv_nsec - a.tv_nsec);
}

/// Records the first signal, and ends the process at a second request. Calls only functions that are safe in
/// a signal handler.
void on_signal(int signal) {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  if (first_signal == 0) {
    first_time = now;
    first_signal = signal;
    ::alarm(most_seconds);
  } else if (seconds_between(first_time, now) > echo_seconds) {
    ::_exit(static_cast<int>(core::ExitCode::drained));
  }
}

/// Ends a process that has not stopped in time. Calls only functions that are safe in a signal handler.
void on_alarm(int) {
  constexpr std::string_view line =
      "rhosweep: warning: stopped by a signal, in the middle of something long; to continue, run again with "
      "--resume\n";
  // An error is ignored, since nothing can be done about it here.
  if (is_announcing != 0)
    std::ignore = ::write(STDERR_FILENO, line.data(), line.size());
  else
    ::poll(nullptr, 0, silent_milliseconds);
  ::_exit(static_cast<int>(core::ExitCode::drained));
}

std::string name_of(int signal) {
  if (signal == SIGUSR1) return "SIGUSR1";
  return signal == SIGTERM ? "SIGTERM" : "SIGINT";
}

}  // namespace

StopSwitch::StopSwitch(bool announces) {
  first_signal = 0;
  is_announcing = announces ? 1 : 0;
  struct sigaction action {};
  action.sa_flags = SA_RESTART;
  ::sigemptyset(&action.sa_mask);
  for (const int signal : handled_signals) ::sigaddset(&action.sa_mask, signal);
  for (std::size_t i = 0; i < handled_signals.size(); ++i) {
    action.sa_handler = handled_signals[i] == SIGALRM ? on_alarm : on_signal;
    ::sigaction(handled_signals[i], &action, &actions_before[i]);
  }
}

StopSwitch::~StopSwitch() {
  ::alarm(0);
  for (std::size_t i = 0; i < handled_signals.size(); ++i)
    ::sigaction(handled_signals[i], &actions_before[i], nullptr);
}

std::optional<double> StopSwitch::time_left() const {
  if (!deadline_) return std::nullopt;
  return *deadline_ - since_start_.seconds();
}

bool StopSwitch::requested() {
  if (const int signal = first_signal; signal != 0 && !urgent_) {
    request(name_of(signal));
    urgent_ = signal != SIGUSR1;
  }
  if (reason_.empty() && deadline_ && *time_left() <= 0.0) request("the time limit");
  return !reason_.empty();
}

void StopSwitch::request(const std::string& reason) {
  if (!reason_.empty()) return;
  reason_ = reason;
  requested_at_ = since_start_.seconds();
}

bool StopSwitch::overdue() {
  return requested() && (urgent_ || since_start_.seconds() - requested_at_ > grace_seconds);
}

}  // namespace rhosweep::study
