#include "rhosweep/core/descriptor.hpp"

#include "rhosweep/core/error.hpp"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace rhosweep::core {

Descriptor::Descriptor(const std::filesystem::path& path, int flags)
    : number_(::open(path.c_str(), flags | O_CLOEXEC)) {
  if (!is_open()) throw FileError(path.string(), std::strerror(errno));
}

void Descriptor::close() {
  if (is_open()) ::close(std::exchange(number_, -1));
}

bool Descriptor::is_at(const std::filesystem::path& path, int flags) const {
  struct stat own {};
  struct stat named {};
  return ::fstat(number_, &own) == 0 && ::fstatat(AT_FDCWD, path.c_str(), &named, flags) == 0 &&
         own.st_dev == named.st_dev && own.st_ino == named.st_ino;
}

}  // namespace rhosweep::core
