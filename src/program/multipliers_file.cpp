#include "multipliers_file.hpp"

#include "rhosweep/core/error.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <fstream>
#include <iterator>
#include <string_view>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

namespace rhosweep::program {

namespace {

/// Returns after how many seconds the kernel lets a program open a file in spite of a lease; 0 if there is
/// none.
std::int64_t lease_seconds() {
  std::int64_t seconds = 0;
  std::ifstream("/proc/sys/fs/lease-break-time") >> seconds;
  return seconds;
}

/// Takes a lease on a file that no other process has open. @return whether it was granted
bool take_lease(int file) {
  // The kernel announces the program by a signal. This one is ignored by default, unlike SIGIO.
  return ::fcntl(file, F_SETSIG, SIGURG) == 0 && ::fcntl(file, F_SETLEASE, F_WRLCK) == 0;
}

}  // namespace

MultipliersFile::MultipliersFile(std::filesystem::path path, const model::Schedule& schedule,
                                 std::int64_t steps)
    : path_(std::move(path)),
      schedule_(schedule),
      steps_(steps),
      file_(core::Descriptor(::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600))),
      unasked_(Clock::now()) {
  if (!file_.is_open()) throw core::FileError(path_.string(), std::generic_category().message(errno));
  constexpr std::int64_t lines_per_second = 4'000'000;  // far fewer than are written
  has_lease_ = steps <= lines_per_second * lease_seconds() && take_lease(file_.number());
}

bool MultipliersFile::is_due() {
  if (!file_.is_open()) return false;
  if (!has_lease_ || is_asked_for_) return true;
  is_asked_for_ = ::fcntl(file_.number(), F_GETLEASE) != F_WRLCK;
  if (!is_asked_for_) unasked_ = Clock::now();
  return is_asked_for_;
}

void MultipliersFile::write() {
  constexpr std::int64_t lines = 1 << 15;
  fmt::memory_buffer text;
  const std::int64_t end = std::min(steps_, written_ + lines);
  for (; written_ < end; ++written_)
    fmt::format_to(std::back_inserter(text), "{}\n", schedule_(written_, steps_));
  for (std::string_view rest(text.data(), text.size()); !rest.empty();) {
    const ssize_t count = ::write(file_.number(), rest.data(), rest.size());
    if (count < 0 && errno != EINTR)
      throw core::FileError(path_.string(),
                            "cannot write the multipliers: " + std::generic_category().message(errno));
    rest.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
  }
  if (written_ < steps_) return;
  const auto waited = std::chrono::duration<double>(Clock::now() - unasked_).count();
  if (has_lease_ && waited > static_cast<double>(lease_seconds()))
    throw core::Error("writing the multipliers took longer than the system lets the program wait");
  file_.close();
}

}  // namespace rhosweep::program
