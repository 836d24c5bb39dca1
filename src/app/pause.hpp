#pragma once

#include <csignal>
#include <ctime>

namespace rhosweep::app {

/// Sleeps and returns early on SIGINT or SIGTERM. These signals are blocked as long as the object exists, so
/// they need no handler and interrupt no system call. Signals that the process ignores, as under nohup, stay
/// ignored.
class Pause {
 public:
  Pause() {
    ::sigemptyset(&signals_);
    for (const int signal : {SIGINT, SIGTERM}) {
      struct sigaction action {};
      ::sigaction(signal, nullptr, &action);
      if (action.sa_handler != SIG_IGN) ::sigaddset(&signals_, signal);
    }
    ::pthread_sigmask(SIG_BLOCK, &signals_, &before_);
  }
  ~Pause() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  Pause(const Pause&) = delete;
  Pause& operator=(const Pause&) = delete;

  /// Sleeps for half a second. @return false if a signal arrived
  bool wait() const {
    constexpr timespec half_a_second{.tv_sec = 0, .tv_nsec = 500'000'000};
    return ::sigtimedwait(&signals_, nullptr, &half_a_second) < 0;
  }

 private:
  sigset_t signals_{};
  sigset_t before_{};
};

}  // namespace rhosweep::app
