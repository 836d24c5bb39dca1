#include "rhosweep/store/staged_file.hpp"

#include "beside.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/core/text.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace rhosweep::store {

namespace {

[[noreturn]] void refuse(const std::filesystem::path& target) {
  if (std::filesystem::is_directory(target))
    throw core::InputError(target.string() + " is a folder: name a file in it");
  // Publishing renames a file to the target, which would replace /dev/null, for example, by a regular file.
  if (!std::filesystem::is_regular_file(target))
    throw core::InputError(target.string() + ": this is not a regular file, so it is not replaced");
  throw core::InputError(target.string() +
                         " exists already: name another file, or replace it with --overwrite");
}

/// Returns the prefix of the temporary names for a file.
std::string temporary_prefix(const std::filesystem::path& file) {
  constexpr std::size_t longest_suffix = sizeof(".2147483647-999");
  return hidden_name(file, ".tmp-", longest_suffix);
}

/// Accepts only names that this program makes, so that users' files with similar names are left alone.
bool is_temporary_name(std::string_view name, std::string_view prefix) {
  return name.size() > prefix.size() && name.starts_with(prefix) &&
         name.find_first_not_of("0123456789-", prefix.size()) == std::string_view::npos;
}

/// Locks a temporary file until its process ends. Always fails on a file system without locks.
bool lock(int descriptor) {
  return ::flock(descriptor, LOCK_EX | LOCK_NB) == 0;
}

/// Whether this is a regular file of this user with a single hard link, like all files that this program
/// makes and unlike links to other users' files.
bool is_own_file(int descriptor) {
  struct stat status {};
  return ::fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode) && status.st_uid == ::geteuid() &&
         status.st_nlink == 1;
}

bool has_a_name(int descriptor) {
  struct stat status {};
  return ::fstat(descriptor, &status) == 0 && status.st_nlink > 0;
}

}  // namespace

StagedFile::StagedFile(std::filesystem::path target, Existing existing)
    : target_(resolved(std::move(target))), existing_(existing) {
  std::error_code ignored;  // if these checks fail, creating the file fails too and reports why
  if (std::filesystem::exists(target_, ignored) &&
      (existing == Existing::refuse || !std::filesystem::is_regular_file(target_, ignored)))
    refuse(target_);
  remove_stale();
  make();
}

StagedFile::~StagedFile() {
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void StagedFile::make() {
  // Never opens an existing file or link, which may belong to somebody else: other users may write to the
  // folder, and a process with the same ID may run in another container.
  constexpr int most_names = 1000;
  const std::string prefix = temporary_prefix(target_) + std::to_string(::getpid());
  for (int i = 0; i < most_names; ++i) {
    temporary_ = folder_of(target_) / fmt::format("{}-{}", prefix, i);
    descriptor_ = core::Descriptor(
        ::open(temporary_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666));
    if (!descriptor_.is_open() && errno == EEXIST) continue;
    if (!descriptor_.is_open()) fail("cannot make a file in this folder");
    // Another process may have found this file before it was locked, and removed it as stale.
    if ((lock(descriptor_.number()) || errno != EWOULDBLOCK) && has_a_name(descriptor_.number())) return;
    descriptor_.close();
  }
  throw core::FileError(
      target_.string(),
      fmt::format("cannot make a file in this folder: {}-0 to {}-{} exist", prefix, prefix, most_names - 1));
}

void StagedFile::remove_stale() const {
  const std::string prefix = temporary_prefix(target_);
  std::error_code ignored;  // a stale file that cannot be removed does no harm
  for (const auto& entry : std::filesystem::directory_iterator(folder_of(target_), ignored)) {
    if (!is_temporary_name(entry.path().filename().string(), prefix)) continue;
    const core::Descriptor stale(::open(entry.path().c_str(), O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!stale.is_open()) continue;
    if (is_own_file(stale.number()) && lock(stale.number())) ::unlink(entry.path().c_str());
  }
}

void StagedFile::reserve(std::int64_t bytes) {
  errno = ::posix_fallocate(descriptor_.number(), 0, bytes);
  if (errno == 0 || errno == EOPNOTSUPP || errno == EINVAL) return;
  const int reason = errno;
  clear();  // frees what was reserved before the space ran out
  errno = reason;
  fail(("cannot reserve the " + core::to_byte_text(static_cast<double>(bytes)) + " needed").c_str());
}

void StagedFile::shrink(std::int64_t bytes) {
  if (::ftruncate(descriptor_.number(), bytes) != 0) fail("cannot release the space that was not needed");
}

void StagedFile::clear() {
  // Best effort: the file is about to be removed, and the caller reports a more useful error.
  [[maybe_unused]] const int ignored = ::ftruncate(descriptor_.number(), 0);
}

void StagedFile::require_own_name() const {
  if (!descriptor_.is_at(temporary_, AT_SYMLINK_NOFOLLOW))
    throw core::FileError(target_.string(), "the new file was replaced or removed while it was made");
}

void StagedFile::publish() {
  require_own_name();
  if (::fsync(descriptor_.number()) != 0) fail("cannot make the new file durable");
  rename();
  temporary_.clear();
  // The new name is durable once the folder is synced. Some file systems cannot sync a folder, so errors are
  // ignored.
  const core::Descriptor folder(::open(folder_of(target_).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.is_open()) ::fsync(folder.number());
}

void StagedFile::rename() {
  if (existing_ == Existing::overwrite) {
    struct stat old {};
    if (::stat(target_.c_str(), &old) == 0 && ::fchmod(descriptor_.number(), old.st_mode & 0777U) != 0)
      fail("cannot give the new file the permissions of the old one");
    if (::rename(temporary_.c_str(), target_.c_str()) != 0) fail("cannot rename the new file");
    return;
  }
  // A file may have appeared in the meantime. Then all methods below fail and leave that file alone.
  if (::renameat2(AT_FDCWD, temporary_.c_str(), AT_FDCWD, target_.c_str(), RENAME_NOREPLACE) == 0) return;
  // NFS and Lustre, for example, do not support RENAME_NOREPLACE.
  if (errno != EEXIST && ::link(temporary_.c_str(), target_.c_str()) == 0) {
    ::unlink(temporary_.c_str());
    return;
  }
  // exFAT and some network file systems have no hard links, either.
  if (errno != EEXIST && rename_over_own_file()) return;
  if (errno == EEXIST) refuse(target_);
  fail("cannot rename the new file");
}

/// Creates an empty file with the final name, which fails if that name exists, and renames the temporary file
/// over it.
/// @return whether this succeeded; otherwise errno says why not
bool StagedFile::rename_over_own_file() const {
  const core::Descriptor empty(
      ::open(target_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666));
  if (!empty.is_open()) return false;
  if (::rename(temporary_.c_str(), target_.c_str()) == 0) return true;
  const int reason = errno;
  ::unlink(target_.c_str());
  errno = reason;
  return false;
}

void StagedFile::fail(const char* attempt) const {
  throw core::FileError(target_.string(), std::string(attempt) + ": " + std::strerror(errno));
}

}  // namespace rhosweep::store
