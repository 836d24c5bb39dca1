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

/// Runs a function in a new process, whose exit code is 0 if the function returns. Returns the process's id.
pid_t start(const std::function<void()>& act) {
  const pid_t child = ::fork();
  if (child == 0) {
    act();
    ::_exit(0);
  }
  return child;
}

/// Waits for a process of start(). Returns its exit code, or −1 if a signal killed it.
int exit_code_of(pid_t process) {
  int status = 0;
  ::waitpid(process, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int exit_code_of(const std::function<void()>& act) {
  return exit_code_of(start(act));
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

TEST_CASE(
    "four seconds after a signal the process ends, whatever it is doing, and first the one that warns") {
  const auto wait = [](bool announces) {
    const StopSwitch stop(announces);
    std::raise(SIGUSR1);
    sleep(10.0);
  };
  const pid_t silent = start([&] { wait(false); });
  const pid_t announcing = start([&] { wait(true); });
  siginfo_t first{};
  REQUIRE(::waitid(P_ALL, 0, &first, WEXITED | WNOWAIT) == 0);
  CHECK(first.si_pid == announcing);
  CHECK(exit_code_of(announcing) == static_cast<int>(core::ExitCode::drained));
  CHECK(exit_code_of(silent) == static_cast<int>(core::ExitCode::drained));
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
