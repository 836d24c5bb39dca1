#include "rhosweep/h5/require_readable.hpp"

#include "walk.hpp"

#include "rhosweep/h5/hdf5.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fstream>
#include <map>
#include <optional>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace rhosweep::h5 {

namespace {

/// Lowers a soft limit.
void lower_limit(__rlimit_resource resource, rlim_t value) {
  rlimit limits{};
  if (::getrlimit(resource, &limits) != 0) return;
  limits.rlim_cur = std::min(value, limits.rlim_cur);
  ::setrlimit(resource, &limits);
}

/// Size of this process' address space in bytes; 0 if unknown.
std::uint64_t address_space() {
  std::uint64_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  return pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

/// Restores the default actions of all signals. Signals from other processes stay blocked: they are meant for
/// the parent.
void reset_signals() {
  for (int signal = 1; signal < NSIG; ++signal) std::signal(signal, SIG_DFL);
  sigset_t own;
  ::sigemptyset(&own);
  for (const int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS, SIGXCPU, SIGALRM})
    ::sigaddset(&own, signal);
  ::sigprocmask(SIG_UNBLOCK, &own, nullptr);
}

/// Prepares the child: it ends with its parent, and a crash prints nothing and leaves no core file.
void prepare_child(pid_t parent, const ChildLimits& limits) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(0);
  reset_signals();
  ::setsid();  // detaches from the terminal, where the C library might print why it aborts
  const int nowhere = ::open("/dev/null", O_RDWR);
  for (int descriptor = 0; descriptor <= STDERR_FILENO; ++descriptor)
    if (nowhere < 0)
      ::close(descriptor);
    else
      ::dup2(nowhere, descriptor);
  lower_limit(RLIMIT_CORE, 0);
  if (const std::uint64_t bytes = address_space(); bytes > 0)
    lower_limit(RLIMIT_AS, bytes + static_cast<std::uint64_t>(limits.memory));
  lower_limit(RLIMIT_CPU, static_cast<rlim_t>(limits.processor_time.count()));
  ::alarm(static_cast<unsigned>(limits.time.count()));
}

/// Waits for this child only, so that the exit statuses of other children remain for their waiters.
/// @return the status from waitpid()
int wait_for(pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0) {
    if (errno == EINTR) continue;
    throw Hdf5Error(std::string("cannot wait for the process that reads it first: ") + std::strerror(errno));
  }
  return status;
}

/// Makes it possible to wait for children while this object exists, even if the process started with SIGCHLD
/// ignored.
class WaitableChildren {
 public:
  WaitableChildren() {
    ::sigaction(SIGCHLD, nullptr, &before_);
    if (before_.sa_handler == SIG_IGN) std::signal(SIGCHLD, SIG_DFL);
  }
  ~WaitableChildren() {
    if (before_.sa_handler == SIG_IGN) ::sigaction(SIGCHLD, &before_, nullptr);
  }
  WaitableChildren(const WaitableChildren&) = delete;
  WaitableChildren& operator=(const WaitableChildren&) = delete;

 private:
  struct sigaction before_ {};
};

/// Identifies a file's content: device, inode, size, and modification time in seconds and nanoseconds.
using Version = std::array<std::int64_t, 5>;

/// Returns the version of a file, or nullopt if the file does not exist.
std::optional<Version> version_of(const std::filesystem::path& path) {
  struct stat file {};
  if (::stat(path.c_str(), &file) != 0) return std::nullopt;
  return Version{static_cast<std::int64_t>(file.st_dev), static_cast<std::int64_t>(file.st_ino), file.st_size,
                 file.st_mtim.tv_sec, file.st_mtim.tv_nsec};
}

}  // namespace

void require_survivable(const std::function<void()>& action, const ChildLimits& limits) {
  const pid_t parent = ::getpid();
  const WaitableChildren waitable;
  sigset_t all;
  sigset_t before;
  ::sigfillset(&all);
  ::sigprocmask(SIG_BLOCK, &all, &before);  // no handler of this process may run in the child
  const pid_t child = ::fork();
  const int error = errno;
  if (child == 0) {
    prepare_child(parent, limits);
    try {
      action();
    } catch (...) {  // NOLINT(bugprone-empty-catch): the parent will meet this error when it reads
    }
    ::_exit(0);
  }
  ::sigprocmask(SIG_SETMASK, &before, nullptr);
  if (child < 0)
    throw Hdf5Error(std::string("cannot start the process that reads it first: ") + std::strerror(error));
  const int status = wait_for(child);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return;
  const int signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  if (signal == SIGXCPU || signal == SIGALRM)
    throw Hdf5Error("damaged: the HDF5 library does not come to an end while reading it");
  if (signal == SIGKILL)
    throw Hdf5Error("the process that reads it first was killed, perhaps for lack of memory");
  throw Hdf5Error("damaged: the HDF5 library crashes while reading it" +
                  (signal == 0 ? "" : std::string(" (") + ::strsignal(signal) + ")"));
}

void allow_time_for(std::uint64_t bytes) {
  constexpr std::uint64_t bytes_per_second = std::uint64_t{1} << 22;  // decompressed on a slow machine
  const std::uint64_t more = bytes / bytes_per_second;
  constexpr unsigned wait_per_work = 6;  // ratio of wall time to processor time in ChildLimits
  rlimit limits{};
  if (::getrlimit(RLIMIT_CPU, &limits) == 0 && limits.rlim_cur != RLIM_INFINITY) {
    limits.rlim_cur = std::min<rlim_t>(limits.rlim_cur + more, limits.rlim_max);
    ::setrlimit(RLIMIT_CPU, &limits);
  }
  ::alarm(::alarm(0) + wait_per_work * static_cast<unsigned>(std::min<std::uint64_t>(more, 1U << 24)));
}

void require_readable(const std::filesystem::path& path, std::span<const std::string> names) {
  static std::map<std::filesystem::path, Version> passed;
  const std::optional<Version> version = version_of(path);
  if (!version) return;
  if (const auto found = passed.find(path); found != passed.end() && found->second == *version) return;
  start_library();
  // The library starts before the fork, because starting it in the child would call MPI.
  check(H5open(), "cannot start the HDF5 library");
  const auto read = [&] {
    const File file(check(H5Fopen(path.c_str(), H5F_ACC_RDONLY, unlocked_access()), "cannot read this file"));
    walk(file, names);
  };
  require_survivable(read, {});
  passed[path] = *version;
}

}  // namespace rhosweep::h5
