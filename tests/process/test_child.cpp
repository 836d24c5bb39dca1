#include "rhosweep/core/error.hpp"
#include "rhosweep/process/child.hpp"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace rhosweep;
using process::Child;
using process::LaunchSpec;
using process::Outcome;
using How = process::Outcome::How;

namespace {

/// A guard is this executable started again. The shared main of the tests knows no guards, so this
/// constructor recognises a guard before main starts: glibc passes the arguments to constructors, too.
__attribute__((constructor)) void become_guard(int argc, char** argv) {
  if (const auto code = process::run_guard(argc, argv)) ::_exit(*code);
}

LaunchSpec launch(std::vector<std::string> arguments) {
  return {.arguments = std::move(arguments),
          .environment = {"PATH=/usr/bin:/bin"},
          .folder = std::filesystem::current_path(),
          .scratch = ""};
}

LaunchSpec shell(const std::string& script) {
  return launch({"sh", "-c", script});
}

struct Ended {
  std::string output;
  std::string error;
  Outcome outcome;
};

/// Reads a child's output until it ends.
Ended ended(Child child) {
  Ended said;
  while (child.read(1000, said.output, said.error)) {
  }
  said.outcome = child.outcome();
  return said;
}

/// Reads a child's output until there is a line. Returns the number in it.
pid_t first_number(Child& child) {
  std::string output;
  std::string error;
  while (output.find('\n') == std::string::npos && child.read(1000, output, error)) {
  }
  return std::stoi(output);
}

/// Returns whether a process ends within ten seconds. A zombie process counts as ended.
bool is_gone(pid_t process) {
  for (int i = 0; i < 1000; ++i) {
    std::ifstream stat("/proc/" + std::to_string(process) + "/stat");
    std::string text;
    if (!std::getline(stat, text) || text.find(") Z ") != std::string::npos) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

}  // namespace

TEST_CASE("output, error and exit code of a program are read") {
  const Ended said = ended(Child(shell("echo one; echo two >&2; echo three; exit 3")));
  CHECK(said.output == "one\nthree\n");
  CHECK(said.error == "two\n");
  CHECK(said.outcome.how == How::exited);
  CHECK(said.outcome.value == 3);
  CHECK(!said.outcome.succeeded());
  CHECK(said.outcome.text() == "exit code 3");
  CHECK(ended(Child(launch({"true"}))).outcome.succeeded());
}

TEST_CASE("output that is larger than a pipe arrives whole") {
  const Ended said = ended(Child(shell("head -c 3000000 /dev/zero; head -c 2000000 /dev/zero >&2")));
  CHECK(said.output == std::string(3'000'000, '\0'));
  CHECK(said.error == std::string(2'000'000, '\0'));
  CHECK(said.outcome.succeeded());
}

TEST_CASE("arguments reach the program unchanged") {
  const std::string odd = "a b*'\"$HOME\\";
  const Ended said = ended(Child(launch({"printf", "[%s]", odd, "", "-n", "x\ny"})));
  CHECK(said.output == "[" + odd + "][][-n][x\ny]");
}

TEST_CASE("a program has the environment and folder of the order and an empty input") {
  std::filesystem::create_directory("folder");
  LaunchSpec in_folder = launch({"sh", "-c", "env | grep ^TEST_; pwd; cat; echo end"});
  in_folder.environment.emplace_back("TEST_A=1 2");
  in_folder.folder /= "folder";
  ::setenv("TEST_B", "of the tests", 1);
  CHECK(ended(Child(in_folder)).output == "TEST_A=1 2\n" + in_folder.folder.string() + "\nend\n");
}

TEST_CASE("a program inherits no descriptors but input, output and error") {
  const int open = ::open("/dev/null", O_RDONLY);  // without O_CLOEXEC
  const Ended said = ended(Child(shell("for i in $(seq 0 99); do [ ! -e /proc/$$/fd/$i ] || echo $i; done")));
  ::close(open);
  CHECK(said.output == "0\n1\n2\n");
}

TEST_CASE("a program that a signal kills says which") {
  const Ended said = ended(Child(shell("kill -SEGV $$")));
  CHECK(said.outcome.how == How::killed);
  CHECK(said.outcome.value == SIGSEGV);
  CHECK(said.outcome.text() == "killed by signal 11 (Segmentation fault)");
}

TEST_CASE("a program has default signals, also where this process ignores or blocks them") {
  sigset_t blocked;
  sigset_t before;
  ::sigemptyset(&blocked);
  ::sigaddset(&blocked, SIGUSR2);
  ::sigprocmask(SIG_BLOCK, &blocked, &before);
  const auto handler = std::signal(SIGTERM, SIG_IGN);
  for (const int signal : {SIGTERM, SIGUSR2, SIGPIPE})
    CHECK(ended(Child(shell("kill -" + std::to_string(signal) + " $$"))).outcome.value == signal);
  std::signal(SIGTERM, handler);
  ::sigprocmask(SIG_SETMASK, &before, nullptr);
}

TEST_CASE("a program that cannot be started says why") {
  const Outcome missing = ended(Child(launch({"no-such-program"}))).outcome;
  CHECK(missing.how == How::not_started);
  CHECK(missing.value == ENOENT);
  CHECK(missing.text() == "not started: No such file or directory");

  std::ofstream("plain.txt") << "text";
  const Outcome plain = ended(Child(launch({"./plain.txt"}))).outcome;
  CHECK(plain.how == How::not_started);
  CHECK(plain.value == EACCES);

  LaunchSpec nowhere = launch({"true"});
  nowhere.folder = "no-such-folder";
  const Outcome homeless = ended(Child(nowhere)).outcome;
  CHECK(homeless.how == How::not_started);
  CHECK(homeless.value == ENOENT);
}

TEST_CASE("reading waits no longer than it is told to") {
  Child child(shell("sleep 1000"));
  std::string output;
  std::string error;
  const auto start = std::chrono::steady_clock::now();
  CHECK(child.read(50, output, error));
  CHECK(child.read(0, output, error));
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(10));
  CHECK_THROWS_AS(child.outcome(), core::InternalError);  // the child is still running
}

TEST_CASE("a program is ended with all its descendants") {
  Child child(shell("sleep 1000 & echo $!; wait"));
  const pid_t descendant = first_number(child);
  child.end();
  CHECK(is_gone(descendant));
  CHECK(child.outcome().how == How::killed);
  CHECK(child.outcome().value == SIGKILL);
  child.end();  // ending it again does nothing
}

TEST_CASE("a program that ignores signals is ended, too") {
  Child child(shell("trap '' TERM INT HUP; echo $$; while :; do sleep 1; done"));
  const pid_t program = first_number(child);
  child.end();
  CHECK(is_gone(program));
}

TEST_CASE("who has left the process group does not outlive the program") {
  Child child(shell(
      "rm -f ready; setsid sh -c 'echo $$; : > ready; exec sleep 1000' & until [ -e ready ]; do sleep 0.01; done; "
      "exit 5"));
  const pid_t descendant = first_number(child);
  CHECK(ended(std::move(child)).outcome.value == 5);
  CHECK(is_gone(descendant));
}

TEST_CASE("a child that goes out of scope is ended") {
  pid_t program = 0;
  {
    Child child(shell("echo $$; exec sleep 1000"));
    program = first_number(child);
  }
  CHECK(is_gone(program));
}

TEST_CASE("a program does not outlive this process, however that dies") {
  const pid_t master = ::fork();
  if (master == 0) {
    Child child(shell("echo $$; exec sleep 1000"));
    std::ofstream("program") << first_number(child) << std::flush;
    std::raise(SIGKILL);
  }
  ::waitpid(master, nullptr, 0);
  pid_t program = 0;
  std::ifstream("program") >> program;
  REQUIRE(program > 0);
  CHECK(is_gone(program));
}

TEST_CASE("a scratch folder is removed with all it holds, at the end") {
  std::filesystem::create_directories("scratch/deep");
  LaunchSpec working = shell("echo 1 > scratch/deep/file; echo $$; exec sleep 1000");
  working.scratch = std::filesystem::absolute("scratch");
  Child child(working);
  first_number(child);
  CHECK(std::filesystem::exists("scratch/deep/file"));
  child.end();
  CHECK(!std::filesystem::exists("scratch"));
}

TEST_CASE("of a program whose guard was killed nobody knows the end") {
  Child child(shell("echo $PPID; exec sleep 1000"));
  const pid_t guard = first_number(child);
  REQUIRE(guard != ::getpid());
  ::kill(guard, SIGKILL);
  const Ended said = ended(std::move(child));
  CHECK(said.outcome.how == How::lost);
  CHECK(said.outcome.text() == "its guard was killed");
  CHECK(!said.outcome.succeeded());
}

TEST_CASE("a command without a program is a bug of the caller") {
  CHECK_THROWS_AS(Child(launch({})), core::InternalError);
}

TEST_CASE("an ordinary command line starts no guard") {
  std::string name = "rhosweep";
  std::string command = "run";
  std::string file = "sweep.toml";
  std::vector<char*> arguments{name.data(), command.data(), file.data(), nullptr};
  CHECK(!process::run_guard(3, arguments.data()));
  CHECK(!process::run_guard(1, arguments.data()));
}
