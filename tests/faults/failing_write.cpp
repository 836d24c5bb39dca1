// A library for LD_PRELOAD that makes writes to some files fail, as on a dying disk or with a full quota.
//
// RHOSWEEP_FAIL_FILE   glob pattern of the names of the files, without their folders
// RHOSWEEP_FAIL_EVERY  n: every n-th call fails, counted in each process
// RHOSWEEP_FAIL_WITH   EIO, ENOSPC: writes fail with this error; SHORT: they write only half of the data, but
// at
//                      least a byte;
//                      SYNC: writes succeed, fsync and fdatasync fail with EIO;
//                      TORN: writes of at most a page happen byte by byte, with other processes in between;
//                      NO_LINKS: hard links and renames with RENAME_NOREPLACE fail, as on exFAT
#include <array>
#include <atomic>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <string>
#include <string_view>

#include <dlfcn.h>
#include <fnmatch.h>
#include <sys/uio.h>
#include <unistd.h>

namespace {

std::string setting(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

bool matches(const std::string& path) {
  static const std::string pattern = setting("RHOSWEEP_FAIL_FILE");
  return !pattern.empty() &&
         ::fnmatch(pattern.c_str(), path.substr(path.rfind('/') + 1).c_str(), FNM_PERIOD) == 0;
}

bool is_meant(int descriptor) {
  std::array<char, PATH_MAX> target{};
  const std::string link = "/proc/self/fd/" + std::to_string(descriptor);
  const ssize_t size = ::readlink(link.c_str(), target.data(), target.size());
  if (size <= 0) return false;
  return matches(std::string(target.data(), static_cast<std::size_t>(size)));
}

const std::string& kind() {
  static const std::string value = setting("RHOSWEEP_FAIL_WITH");
  return value;
}

/// Counts the call and returns whether it must fail.
bool is_due(int descriptor) {
  static std::atomic<long> calls{0};
  static const long every = std::atol(setting("RHOSWEEP_FAIL_EVERY").c_str());
  return every > 0 && is_meant(descriptor) && ++calls % every == 0;
}

template <class Function>
Function* next(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

/// Replaces a write. A write that is not to fail calls all(), which writes all data. One that is to fail
/// either calls half(), which writes the first half of the data, or returns −1 and sets errno.
template <class All, class Half>
ssize_t write_or_fail(int descriptor, All&& all, Half&& half) {
  if (kind() == "SYNC" || !is_due(descriptor)) return all();
  if (kind() == "SHORT") return half();
  errno = kind() == "ENOSPC" ? ENOSPC : EIO;
  return -1;
}

/// Returns how much a write that is cut short writes of its data. A write of 0 bytes would be repeated for
/// ever.
size_t first_half(size_t size) {
  return size - size / 2;
}

/// Returns the first buffer of a vectored write, cut in half if it is the only one.
iovec first_half(const iovec* pieces, int count) {
  iovec piece = pieces[0];
  if (count == 1) piece.iov_len = first_half(piece.iov_len);
  return piece;
}

/// Writes byte by byte. MPI allows a file system to write like this.
ssize_t write_torn(int descriptor, const char* data, size_t size, off_t offset) {
  static auto* const original = next<ssize_t(int, const void*, size_t, off_t)>("pwrite");
  for (size_t i = 0; i < size; ++i) {
    if (original(descriptor, data + i, 1, offset + static_cast<off_t>(i)) != 1) return -1;
    ::usleep(20);
  }
  return static_cast<ssize_t>(size);
}

int sync_or_fail(const char* name, int descriptor) {
  if (kind() == "SYNC" && is_due(descriptor)) {
    errno = EIO;
    return -1;
  }
  return next<int(int)>(name)(descriptor);
}

}  // namespace

extern "C" {

ssize_t write(int descriptor, const void* data, size_t size) {
  static auto* const original = next<ssize_t(int, const void*, size_t)>("write");
  return write_or_fail(
      descriptor, [=] { return original(descriptor, data, size); },
      [=] { return original(descriptor, data, first_half(size)); });
}

ssize_t pwrite(int descriptor, const void* data, size_t size, off_t offset) {
  constexpr size_t page = 4096;
  if (kind() == "TORN" && size <= page && is_meant(descriptor))
    return write_torn(descriptor, static_cast<const char*>(data), size, offset);
  static auto* const original = next<ssize_t(int, const void*, size_t, off_t)>("pwrite");
  return write_or_fail(
      descriptor, [=] { return original(descriptor, data, size, offset); },
      [=] { return original(descriptor, data, first_half(size), offset); });
}

ssize_t pwrite64(int descriptor, const void* data, size_t size, off64_t offset) {
  return pwrite(descriptor, data, size, offset);
}

ssize_t writev(int descriptor, const iovec* pieces, int count) {
  static auto* const original = next<ssize_t(int, const iovec*, int)>("writev");
  return write_or_fail(
      descriptor, [=] { return original(descriptor, pieces, count); },
      [=] {
        const iovec half = first_half(pieces, count);
        return original(descriptor, &half, 1);
      });
}

ssize_t pwritev(int descriptor, const iovec* pieces, int count, off_t offset) {
  if (kind() == "TORN" && count == 1) return pwrite(descriptor, pieces->iov_base, pieces->iov_len, offset);
  static auto* const original = next<ssize_t(int, const iovec*, int, off_t)>("pwritev");
  return write_or_fail(
      descriptor, [=] { return original(descriptor, pieces, count, offset); },
      [=] {
        const iovec half = first_half(pieces, count);
        return original(descriptor, &half, 1, offset);
      });
}

ssize_t pwritev64(int descriptor, const iovec* pieces, int count, off64_t offset) {
  return pwritev(descriptor, pieces, count, offset);
}

int link(const char* from, const char* to) {
  if (kind() == "NO_LINKS" && matches(to)) {
    errno = EPERM;
    return -1;
  }
  return next<int(const char*, const char*)>("link")(from, to);
}

int renameat2(int from_folder, const char* from, int to_folder, const char* to, unsigned flags) {
  if (kind() == "NO_LINKS" && matches(to)) {
    errno = EINVAL;
    return -1;
  }
  return next<int(int, const char*, int, const char*, unsigned)>("renameat2")(from_folder, from, to_folder,
                                                                              to, flags);
}

int fsync(int descriptor) {
  return sync_or_fail("fsync", descriptor);
}

int fdatasync(int descriptor) {
  return sync_or_fail("fdatasync", descriptor);
}

}  // extern "C"
