#include "rhosweep/core/descriptor.hpp"

#include "rhosweep/core/error.hpp"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <unistd.h>

namespace rhosweep::core {

Descriptor::Descriptor(const std::filesystem::path& path, int flags)
    : number_(::open(path.c_str(), flags | O_CLOEXEC)) {
  if (!is_open()) throw FileError(path.string(), std::strerror(errno));
}

void Descriptor::close() {
  if (is_open()) ::close(std::exchange(number_, -1));
}

}  // namespace rhosweep::core
