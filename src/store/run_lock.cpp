#include "rhosweep/store/run_lock.hpp"

#include "beside.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/core/log.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace rhosweep::store {

namespace {

/// Locks a file for this process, not for the descriptor: a child process that outlives this one does not
/// keep the lock.
/// @return whether the file is locked now; otherwise errno says why not
bool lock_for_process(int descriptor) {
  struct flock whole {};
  whole.l_type = F_WRLCK;
  whole.l_whence = SEEK_SET;
  return ::fcntl(descriptor, F_SETLK, &whole) == 0;
}

std::string read_owner(int descriptor) {
  std::array<char, 300> text{};
  const ssize_t size = ::pread(descriptor, text.data(), text.size(), 0);
  return size > 0 ? std::string(text.data(), static_cast<std::size_t>(size)) : "which has just begun";
}

/// Throws unless this is a regular file with a single hard link. Other users may write to the folder, and
/// writing through a link would overwrite another file.
void require_lock_file(const std::filesystem::path& path) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0 || (S_ISREG(status.st_mode) && status.st_nlink <= 1)) return;
  throw core::InputError(path.string() +
                         " is a link or no regular file, where a run keeps its lock: remove it");
}

/// Throws if a lock file exists that this process may not open, and warns if the results file is writable but
/// no lock can be made. If the results file cannot be written, the run reports that later.
void report_missing(const std::filesystem::path& lock, const std::filesystem::path& results, int reason) {
  const std::string why = std::generic_category().message(reason);
  if (::access(lock.c_str(), F_OK) == 0 && (reason == EACCES || reason == EPERM))
    throw core::InputError(fmt::format(
        "{}: {}: it cannot be known whether another run writes {}; if none does, remove this file of another user",
        lock.string(), why, results.string()));
  if (::access(results.c_str(), W_OK) == 0)
    core::log::warning("{} cannot be locked ({}): make sure that no other run writes {}", lock.string(), why,
                       results.string());
}

}  // namespace

RunLock::RunLock(const std::filesystem::path& results) {
  constexpr std::chrono::milliseconds pause(100);
  constexpr int pauses = 30;  // mpirun ends a killed run in less time
  const std::filesystem::path target = resolved(results);
  const std::filesystem::path path = folder_of(target) / hidden_name(target, ".lock");
  for (int attempt = 0;; ++attempt) {
    core::Descriptor opened(
        ::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0666));
    const int reason = errno;
    require_lock_file(path);
    if (!opened.is_open()) {
      report_missing(path, results, reason);
      return;
    }
    const bool locked = lock_for_process(opened.number());
    // The former owner may have removed the file after it was opened here.
    if (locked && opened.is_at(path, AT_SYMLINK_NOFOLLOW)) {
      path_ = path;
      descriptor_ = std::move(opened);
      return;
    }
    if (!locked && errno != EAGAIN && errno != EACCES) {
      report_missing(path, results, errno);
      return;
    }
    if (attempt == pauses)
      throw core::InputError(fmt::format(
          "{}: another run writes this file ({}); wait until it ends, or name another file; Slurm runs jobs of "
          "one name one after the other with sbatch --dependency=singleton",
          results.string(), read_owner(opened.number())));
    if (!locked) std::this_thread::sleep_for(pause);
  }
}

void RunLock::note(std::string_view owner) const {
  if (!descriptor_.is_open()) return;
  [[maybe_unused]] const bool noted =
      ::ftruncate(descriptor_.number(), 0) == 0 &&
      ::pwrite(descriptor_.number(), owner.data(), owner.size(), 0) == static_cast<ssize_t>(owner.size());
}

RunLock::~RunLock() {
  if (descriptor_.is_open()) ::unlink(path_.c_str());
}

}  // namespace rhosweep::store
