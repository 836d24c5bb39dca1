#include "rhosweep/core/error.hpp"
#include "rhosweep/process/child.hpp"
#include "rhosweep/process/prepare.hpp"
#include "rhosweep/process/scratch.hpp"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace rhosweep;
using process::Child;
using process::LaunchSpec;
using process::Outcome;
using How = process::Outcome::How;

namespace {

/// The guard of a program, which ends the program if its master dies, is another process of this executable.
/// The tests' shared main() does not know guards, so this constructor recognises one before main() starts:
/// glibc also passes the arguments to constructors.
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

/// Reads a child's output until it contains a line. Returns the number in the line.
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

bool is_running(pid_t process) {
  std::ifstream stat("/proc/" + std::to_string(process) + "/stat");
  std::string text;
  return std::getline(stat, text) && text.find(") Z ") == std::string::npos;
}

pid_t parent_of(pid_t process) {
  std::ifstream status("/proc/" + std::to_string(process) + "/status");
  for (std::string word; status >> word;)
    if (word == "PPid:") break;
  pid_t parent = 0;
  status >> parent;
  return parent;
}

/// Returns the process id of the keeper. A guard is two processes: the watcher is the parent of the program,
/// and the keeper is the parent of the watcher.
pid_t keeper_of(pid_t watcher) {
  const pid_t keeper = parent_of(watcher);
  REQUIRE(keeper != ::getpid());
  return keeper;
}

/// Returns whether a folder is removed within ten seconds.
bool is_removed(const std::filesystem::path& folder) {
  for (int i = 0; i < 1000 && std::filesystem::exists(folder); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  return !std::filesystem::exists(folder);
}

/// Returns a program with three descendants: one in its process group, one in its own session, and one that
/// has also cleared its environment. The program prints its own process id and theirs.
LaunchSpec family(const std::filesystem::path& scratch) {
  LaunchSpec spec = shell(R"(cd "$RHOSWEEP_SCRATCH"
    sleep 1000 & near=$!
    setsid sh -c 'echo $$ > far; exec sleep 1000' &
    setsid env -i PATH=$PATH sh -c 'echo $$ > unmarked; exec sleep 1000' &
    until [ -s far ] && [ -s unmarked ]; do sleep 0.01; done
    echo $$ $near $(cat far) $(cat unmarked)
    exec sleep 1000)");
  spec.scratch = scratch;
  spec.environment.push_back("RHOSWEEP_SCRATCH=" + scratch.string());
  return spec;
}

/// The processes of a program from family(). `others` are the two of its guard and their master.
struct Family {
  pid_t program = 0;
  pid_t near = 0;
  pid_t far = 0;
  pid_t unmarked = 0;
  std::map<std::string, pid_t> others;

  Family() = default;
  explicit Family(Child& child) {
    std::string output;
    std::string error;
    while (output.find('\n') == std::string::npos && child.read(1000, output, error)) {
    }
    std::istringstream(output) >> program >> near >> far >> unmarked;
    find_others();
  }

  void find_others() {
    others["watcher"] = parent_of(program);
    others["keeper"] = keeper_of(others["watcher"]);
    others["master"] = parent_of(others["keeper"]);
  }
  void signal(const std::string& names, int signal) const {
    std::istringstream words(names);
    for (std::string name; words >> name;) ::kill(others.at(name), signal);
  }
  /// Stops processes before killing them, so that none can react to the death of another.
  void kill_together(const std::string& names) const {
    signal(names, SIGSTOP);
    signal(names, SIGKILL);
  }
  bool are_gone() const { return is_gone(program) && is_gone(near) && is_gone(far) && is_gone(unmarked); }
};

/// A program whose master has been killed, possibly together with other processes.
struct Orphaned {
  Family processes;
  std::filesystem::path scratch;

  /// @param victims the names of the processes to kill, as in Family::others; the master must be among them
  explicit Orphaned(const std::string& victims) {
    std::filesystem::remove("family");
    const pid_t master = ::fork();
    if (master == 0) {
      const process::Scratch folder;
      Child child(family(folder.folder()));
      const Family started(child);
      std::ofstream("begun") << started.program << ' ' << started.near << ' ' << started.far << ' '
                             << started.unmarked << ' ' << folder.folder().string() << std::flush;
      std::filesystem::rename("begun", "family");
      while (true) ::pause();
    }
    while (!std::filesystem::exists("family")) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    std::string path;
    std::ifstream("family") >> processes.program >> processes.near >> processes.far >> processes.unmarked >>
        path;
    scratch = path;
    processes.find_others();
    processes.kill_together(victims);
    ::waitpid(master, nullptr, 0);
  }
};

}  // namespace

TEST_CASE("a program reads what it is written, without either side waiting for the other") {
  process::prepare();
  LaunchSpec spec = launch({"cat"});
  spec.input = process::Input::pipe;
  Child child(spec);
  // The text is larger than two pipe buffers. The program would block if its output were read only after the
  // whole text is written.
  std::string text(1 << 20, 'x');
  text += '\n';
  child.write(text);
  std::string output;
  std::string error;
  while (output.size() < text.size() && child.read(1000, output, error)) {
  }
  CHECK(output == text);
  child.write("more");
  child.close_input();
  while (child.read(1000, output, error)) {
  }
  CHECK(output == text + "more");
  CHECK(child.outcome().succeeded());
}

TEST_CASE("text for a program that has closed its input is discarded") {
  process::prepare();
  LaunchSpec spec = shell("exec <&-; echo closed; sleep 1000");
  spec.input = process::Input::pipe;
  Child child(spec);
  std::string output;
  std::string error;
  while (output.empty() && child.read(1000, output, error)) {
  }
  child.write("nobody reads this\n");
  child.end();
  CHECK(child.outcome().how == How::killed);
}

TEST_CASE("a named pipe takes a program's reports beside its output, to the last byte") {
  const process::Scratch scratch;
  LaunchSpec spec = shell("echo one >>$REPORT; echo noise; (echo two; seq 30000) >>$REPORT");
  spec.scratch = scratch.folder();
  spec.report = scratch.folder() / "report";
  spec.environment.push_back("REPORT=" + spec.report.string());
  REQUIRE(::mkfifo(spec.report.c_str(), 0600) == 0);
  Child child(spec);
  std::string output;
  std::string error;
  std::string report;
  while (child.read(1000, output, error, report)) {
  }
  CHECK(output == "noise\n");
  CHECK(report.starts_with("one\ntwo\n1\n2\n"));
  CHECK(report.ends_with("\n29999\n30000\n"));
}

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
  const int open = ::open("/dev/null", O_RDONLY);  // without O_CLOEXEC: a program could inherit it
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

TEST_CASE("the end of a program is known, although its guard's keeper was killed") {
  Child child(shell("echo $PPID; read line; sleep 0.1; exit 4"));
  ::kill(keeper_of(first_number(child)), SIGKILL);
  CHECK(ended(std::move(child)).outcome.value == 4);
}

TEST_CASE("nothing is left of a program, whichever of its guard's processes are killed") {
  for (const char* victims : {"watcher", "keeper", "watcher keeper"}) {
    INFO(victims);
    const process::Scratch scratch;
    Child child(family(scratch.folder()));
    const Family processes(child);
    processes.kill_together(victims);
    child.end();
    CHECK(processes.are_gone());
    CHECK(!std::filesystem::exists(scratch.folder()));
    CHECK(::waitpid(-1, nullptr, WNOHANG) == -1);  // no adopted process is left as a zombie
  }
}

TEST_CASE("nothing is left of a program that dies with its master and half of its guard") {
  for (const char* victims : {"master", "master watcher", "master keeper"}) {
    INFO(victims);
    const Orphaned left(victims);
    CHECK(left.processes.are_gone());
    CHECK(is_removed(left.scratch));
  }
}

TEST_CASE("what is left when master and guard are killed together, the next scratch folder's maker ends") {
  // Concurrent tests make their folders elsewhere, so that none of them ends what is left before it is seen.
  ::setenv("TMPDIR", std::filesystem::current_path().c_str(), 1);
  const Orphaned left("master watcher keeper");
  CHECK(is_gone(left.processes.program));
  CHECK(std::filesystem::exists(left.scratch));
  CHECK(is_running(left.processes.near));
  CHECK(is_running(left.processes.far));
  const pid_t next = ::fork();
  if (next == 0) {
    { const process::Scratch scratch; }
    ::_exit(0);
  }
  ::waitpid(next, nullptr, 0);
  CHECK(is_removed(left.scratch));
  CHECK(is_gone(left.processes.near));
  CHECK(is_gone(left.processes.far));
  ::kill(left.processes.unmarked, SIGKILL);  // not found by Scratch: its environment is cleared
}

TEST_CASE("a program is ended although its guard is stopped") {
  for (const char* stopped : {"watcher", "keeper", "watcher keeper"}) {
    INFO(stopped);
    const process::Scratch scratch;
    Child child(family(scratch.folder()));
    const Family processes(child);
    processes.signal(stopped, SIGSTOP);
    child.end();
    CHECK(processes.are_gone());
    CHECK(child.outcome().how == How::killed);
    CHECK(!std::filesystem::exists(scratch.folder()));
  }
}

TEST_CASE("the end of a program is read although its guard's keeper is stopped") {
  Child child(shell("echo $PPID; sleep 0.1; exit 4"));
  ::kill(keeper_of(first_number(child)), SIGSTOP);
  CHECK(ended(std::move(child)).outcome.value == 4);
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
