#include "rhosweep/core/error.hpp"
#include "rhosweep/study/stop_switch.hpp"

#include <chrono>
#include <csignal>
#include <functional>
#include <thread>

#include <catch2/catch.hpp>
#include <sys/wait.h>
#include <unistd.h>

using namespace rhosweep;
using study::StopSwitch;

namespace {

void sleep(double seconds) {
  std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
}

/// Runs a function in a new process. Returns the exit code, which is 0 if the function returns, or −1
/// if a signal kills the process.
int exit_code_of(const std::function<void()>& act) {
  const pid_t child = ::fork();
  if (child == 0) {
    act();
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

TEST_CASE("nothing stops a run that nobody asks to stop") {
  StopSwitch stop;
  CHECK(!stop.requested());
  CHECK(!stop.overdue());
  CHECK(stop.reason().empty());
  CHECK(!stop.time_left());
}

TEST_CASE("after SIGUSR1 blocks get two seconds to end") {
  StopSwitch stop;
  std::raise(SIGUSR1);
  CHECK(stop.requested());
  CHECK(stop.reason() == "SIGUSR1");
  CHECK(!stop.overdue());
  sleep(2.1);
  CHECK(stop.overdue());
}

TEST_CASE("after SIGTERM and SIGINT blocks are abandoned at once") {
  const auto [signal, name] = GENERATE(table<int, const char*>({{SIGTERM, "SIGTERM"}, {SIGINT, "SIGINT"}}));
  StopSwitch stop;
  std::raise(signal);
  CHECK(stop.overdue());
  CHECK(stop.reason() == name);
}

TEST_CASE("a deadline stops a run when it is reached") {
  StopSwitch stop;
  stop.set_deadline(1000.0);
  CHECK(*stop.time_left() <= 1000.0);
  CHECK(*stop.time_left() > 990.0);
  CHECK(!stop.requested());
  stop.set_deadline(0.0);
  CHECK(*stop.time_left() <= 0.0);
  CHECK(stop.requested());
  CHECK(stop.reason() == "the time limit");
}

TEST_CASE("the first reason is named") {
  StopSwitch stop;
  stop.request("more than 3 failed trials");
  stop.request();
  stop.set_deadline(0.0);
  CHECK(stop.requested());
  CHECK(stop.reason() == "more than 3 failed trials");
  CHECK(!stop.overdue());
}

TEST_CASE("another rank's request stops a run") {
  StopSwitch stop;
  static_cast<sched::Stop&>(stop).request();
  CHECK(stop.requested());
  CHECK(stop.reason() == "another rank");
}

TEST_CASE("a second signal ends the process with the code of a drained run") {
  CHECK(exit_code_of([] {
          const StopSwitch stop;
          std::raise(SIGUSR1);
          sleep(0.7);
          std::raise(SIGTERM);
        }) == static_cast<int>(core::ExitCode::drained));
}

TEST_CASE("four seconds after a signal the process ends, whatever it is doing") {
  CHECK(exit_code_of([] {
          const StopSwitch stop(false);
          std::raise(SIGUSR1);
          sleep(4.5);
        }) == static_cast<int>(core::ExitCode::drained));
}

TEST_CASE("a signal that arrives twice, by mpirun and by the process group, counts once") {
  CHECK(exit_code_of([] {
          const StopSwitch stop;
          std::raise(SIGTERM);
          std::raise(SIGTERM);
        }) == 0);
}

TEST_CASE("signals mean what they did before once the switch is gone") {
  CHECK(exit_code_of([] {
          { const StopSwitch stop; }
          std::raise(SIGTERM);
        }) == -1);
}
