#include "guard.hpp"

#include "descendants.hpp"

#include "rhosweep/core/descriptor.hpp"
#include "rhosweep/core/temporary_folder.hpp"
#include "rhosweep/process/child.hpp"

#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <string>
#include <system_error>
#include <vector>

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace rhosweep::process {

namespace {

void handle_ignored(void (*handler)(int)) {
  for (const int signal : ignored_signals) std::signal(signal, handler);
}

void say(GuardMessage::What what, int value) {
  const GuardMessage message{what, value};
  // The error is ignored: if the master has died, no process reads the message.
  [[maybe_unused]] const auto written = ::write(message_number, &message, sizeof message);
}

/// Closes the descriptors that the master's libraries opened without O_CLOEXEC.
void close_foreign_descriptors() {
  std::vector<int> numbers;
  DIR* const folder = ::opendir("/proc/self/fd");
  if (folder == nullptr) return;
  while (const dirent* entry = ::readdir(folder)) {
    const char* const name = entry->d_name;
    int number = 0;
    if (std::from_chars(name, name + std::strlen(name), number).ec == std::errc() &&
        number > message_number && number != ::dirfd(folder))
      numbers.push_back(number);
  }
  ::closedir(folder);
  for (const int number : numbers) ::close(number);
}

/// Replaces this process, a fork of the watcher, by the program.
[[noreturn]] void become(const char* folder, char** arguments, pid_t watcher) {
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != watcher) ::_exit(1);  // the watcher died before PR_SET_PDEATHSIG took effect
  handle_ignored(SIG_DFL);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  if (::chdir(folder) == 0) ::execvp(arguments[0], arguments);
  say(GuardMessage::What::not_started, errno);
  ::_exit(127);
}

/// Collects the exit status of child processes that have ended. @return whether there are still running
/// children
bool reap(pid_t program, std::optional<int>& status) {
  while (true) {
    int how = 0;
    const pid_t ended = ::waitpid(-1, &how, WNOHANG);
    if (ended == 0) return true;
    if (ended < 0 && errno != EINTR) return false;
    if (ended == program) status = how;
  }
}

/// Waits until the program or the master ends. Returns the program's status if it has ended.
std::optional<int> watch(pid_t program, int signals) {
  std::optional<int> status;
  std::array<pollfd, 2> events{pollfd{life_number, POLLIN, 0}, pollfd{signals, POLLIN, 0}};
  while (!status) {
    if (::poll(events.data(), events.size(), -1) < 0 && errno != EINTR) break;
    if (events[0].revents != 0) break;
    signalfd_siginfo info{};
    [[maybe_unused]] const auto taken = ::read(signals, &info, sizeof info);
    reap(program, status);
  }
  return status;
}

/// Kills all children until none is left. Orphaned descendants become children of this process.
void kill_all(pid_t program, std::optional<int>& status) {
  constexpr int pause_milliseconds = 5;
  while (reap(program, status)) {
    for (const pid_t child : children()) ::kill(child, SIGKILL);
    ::poll(nullptr, 0, pause_milliseconds);
  }
}

/// Closes the standard streams. After this, only the program and its descendants hold them open, so the
/// streams end when these processes do.
void close_streams() {
  ::close(STDIN_FILENO);
  ::close(STDOUT_FILENO);
  ::close(STDERR_FILENO);
}

bool is_master_gone() {
  pollfd life{life_number, POLLIN, 0};
  return ::poll(&life, 1, 0) != 0;
}

/// Starts the program, and ends it when the master dies or requests the end.
/// @param is_scratch_left whether the master removes the scratch folder after the program has ended
int watch_program(const char* scratch, bool is_scratch_left, const char* folder, char** arguments) {
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  sigset_t child_ended;
  ::sigemptyset(&child_ended);
  ::sigaddset(&child_ended, SIGCHLD);
  ::sigprocmask(SIG_BLOCK, &child_ended, nullptr);
  const int signals = ::signalfd(-1, &child_ended, SFD_CLOEXEC | SFD_NONBLOCK);

  const pid_t self = ::getpid();
  const pid_t program = ::fork();
  if (program == 0) become(folder, arguments, self);
  const int fork_error = errno;
  if (program > 0) {
    ::setpgid(program, program);
    say(GuardMessage::What::started, program);
  }
  close_streams();
  std::optional<int> status;
  if (program > 0) {
    status = watch(program, signals);
    ::kill(-program, SIGKILL);
    kill_all(program, status);
  }
  if (!is_scratch_left || is_master_gone()) core::remove_folder(scratch);
  if (program < 0)
    say(GuardMessage::What::not_started, fork_error);
  else if (status && WIFSIGNALED(*status))
    say(GuardMessage::What::killed, WTERMSIG(*status));
  else if (status)
    say(GuardMessage::What::exited, WEXITSTATUS(*status));
  return 0;
}

/// Waits for the watcher. If the watcher was killed, ends the program and its descendants.
int keep(pid_t watcher, const char* scratch) {
  close_streams();
  int status = 0;
  while (::waitpid(watcher, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status)) return 0;
  std::optional<int> ignored;
  kill_all(watcher, ignored);
  core::remove_folder(scratch);
  return 0;
}

[[noreturn]] void guard(const char* scratch, bool is_scratch_left, const char* folder, char** arguments) {
  handle_ignored(SIG_IGN);
  close_foreign_descriptors();
  for (const int number : {life_number, message_number}) ::fcntl(number, F_SETFD, FD_CLOEXEC);
  const core::Descriptor held = core::hold_folder(scratch);
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  const pid_t watcher = ::fork();
  // If fork() fails, this process is the watcher and there is no keeper.
  const int code =
      watcher > 0 ? keep(watcher, scratch) : watch_program(scratch, is_scratch_left, folder, arguments);
  // Exits without the exit handlers of the loaded libraries: they have nothing to do here, and would take
  // milliseconds in every trial.
  ::_exit(code);
}

bool is_pipe(int number) {
  struct stat status {};
  return ::fstat(number, &status) == 0 && S_ISFIFO(status.st_mode);
}

}  // namespace

std::optional<int> run_guard(int argc, char** argv) {
  if (argc < 2 || std::strcmp(argv[1], guard_word) != 0) return std::nullopt;
  // A master gives its guard two pipes. Without them, a person has typed the command. It must not run then,
  // because it would remove a folder.
  if (argc <= guard_arguments || !is_pipe(life_number) || !is_pipe(message_number)) {
    std::fprintf(stderr, "rhosweep: error: %s: only rhosweep itself can use this command\n", guard_word);
    return 2;
  }
  guard(argv[2], std::strcmp(argv[3], leave_word) == 0, argv[4], argv + guard_arguments);
}

}  // namespace rhosweep::process
