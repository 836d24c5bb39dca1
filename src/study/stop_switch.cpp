#include "rhosweep/study/stop_switch.hpp"

#include "rhosweep/core/error.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <ctime>

#include <unistd.h>

namespace rhosweep::study {

namespace {

constexpr double grace_seconds = 2.0;
/// The same request may arrive twice, from mpirun and through the process group. A signal within this time is
/// not taken as a second request.
constexpr double echo_seconds = 0.5;

constexpr std::array signals{SIGUSR1, SIGTERM, SIGINT};
std::array<struct sigaction, signals.size()> actions_before;

volatile std::sig_atomic_t first_signal = 0;
timespec first_time{};

double seconds_between(const timespec& a, const timespec& b) {
  return static_cast<double>(b.tv_sec - a.tv_sec) + 1e-9 * static_cast<double>(b.tv_nsec - a.tv_nsec);
}

/// Calls only functions that are safe in a signal handler.
void on_signal(int signal) {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  if (first_signal == 0) {
    first_time = now;
    first_signal = signal;
  } else if (seconds_between(first_time, now) > echo_seconds) {
    ::_exit(static_cast<int>(core::ExitCode::drained));
  }
}

std::string name_of(int signal) {
  if (signal == SIGUSR1) return "SIGUSR1";
  return signal == SIGTERM ? "SIGTERM" : "SIGINT";
}

}  // namespace

StopSwitch::StopSwitch() {
  first_signal = 0;
  struct sigaction action {};
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;
  ::sigemptyset(&action.sa_mask);
  for (const int signal : signals) ::sigaddset(&action.sa_mask, signal);
  for (std::size_t i = 0; i < signals.size(); ++i) ::sigaction(signals[i], &action, &actions_before[i]);
}

StopSwitch::~StopSwitch() {
  for (std::size_t i = 0; i < signals.size(); ++i) ::sigaction(signals[i], &actions_before[i], nullptr);
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
