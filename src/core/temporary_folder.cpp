#include "rhosweep/core/temporary_folder.hpp"

#include "rhosweep/core/error.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <string>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace rhosweep::core {

namespace {

namespace fs = std::filesystem;

/// The system's folder for temporary files.
fs::path parent_folder() {
  std::error_code none;
  const fs::path folder = fs::temp_directory_path(none);
  // TMPDIR may be relative, but processes with other working directories use the path, too.
  return none ? fs::path("/tmp") : fs::absolute(folder).lexically_normal();
}

/// Returns the beginning of a folder's name. It contains the host name, because locks may be invisible to
/// other hosts that share a file system.
std::string prefix(std::string_view purpose) {
  std::array<char, 256> host{};
  ::gethostname(host.data(), host.size() - 1);
  return fmt::format("rhosweep-{}-{}-", purpose, host.data());
}

/// Returns whether `name` is `beginning` and the six characters that mkdtemp() adds. A longer name may
/// belong to another host's folder.
bool is_made_here(std::string_view name, std::string_view beginning) {
  constexpr std::size_t random = 6;
  constexpr auto is_letter_or_digit = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
  };
  return name.size() == beginning.size() + random && name.starts_with(beginning) &&
         std::ranges::all_of(name.substr(beginning.size()), is_letter_or_digit);
}

/// Opens a folder that this user owns. @return a closed descriptor if the path is anything else
Descriptor open_own_folder(const fs::path& path) {
  struct stat found {};
  if (::lstat(path.c_str(), &found) != 0 || !S_ISDIR(found.st_mode) || found.st_uid != ::geteuid()) return {};
  constexpr int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  Descriptor opened(::open(path.c_str(), flags));
  // A program may have removed the permission to read its own folder, so this restores the permission.
  if (!opened.is_open() && errno == EACCES && ::chmod(path.c_str(), S_IRWXU) == 0)
    opened = Descriptor(::open(path.c_str(), flags));
  return opened;
}

}  // namespace

TemporaryFolder::TemporaryFolder(std::string_view purpose) {
  const fs::path parent = parent_folder();
  bool is_lost = false;
  do {
    std::string name = (parent / (prefix(purpose) + "XXXXXX")).string();
    if (::mkdtemp(name.data()) == nullptr)
      throw FileError(name, std::generic_category().message(errno) +
                                "; set TMPDIR to a folder for temporary files, which can be written");
    path_ = name;
    lock_ = hold_folder(path_);
    // Before the lock was taken, another process may have removed the folder as abandoned.
    is_lost = lock_.is_open() ? !lock_.is_at(path_, AT_SYMLINK_NOFOLLOW) : !fs::exists(path_);
  } while (is_lost);
}

TemporaryFolder::~TemporaryFolder() {
  remove_folder(path_);
}

Descriptor hold_folder(const fs::path& folder) {
  Descriptor opened = open_own_folder(folder);
  if (opened.is_open() && ::flock(opened.number(), LOCK_SH) != 0) opened.close();
  return opened;
}

void remove_abandoned(std::string_view purpose, const std::function<void(const fs::path&)>& before) {
  const std::string beginning = prefix(purpose);
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(parent_folder(), ignored)) {
    if (!is_made_here(entry.path().filename().string(), beginning)) continue;
    const Descriptor folder = open_own_folder(entry.path());
    if (!folder.is_open() || ::flock(folder.number(), LOCK_EX | LOCK_NB) != 0) continue;
    if (!folder.is_at(entry.path(), AT_SYMLINK_NOFOLLOW)) continue;
    if (before) before(entry.path());
    remove_folder(entry.path());
  }
}

void remove_folder(const fs::path& folder) {
  std::error_code error;
  fs::remove_all(folder, error);
  if (!error || !fs::is_directory(fs::symlink_status(folder, error))) return;
  // Each folder is made accessible when it is found, before the iterator enters it.
  ::chmod(folder.c_str(), S_IRWXU);
  for (fs::recursive_directory_iterator entry(folder, error), end; entry != end; entry.increment(error))
    if (fs::is_directory(entry->symlink_status(error))) ::chmod(entry->path().c_str(), S_IRWXU);
  fs::remove_all(folder, error);
}

}  // namespace rhosweep::core
