#pragma once

#include "rhosweep/core/error.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>

#include <fcntl.h>
#include <unistd.h>

namespace rhosweep::store {

/// An open file descriptor, closed by the destructor. Throws core::FileError if the file cannot be opened.
class Descriptor {
 public:
  Descriptor(const std::filesystem::path& path, int flags)
      : number_(::open(path.c_str(), flags | O_CLOEXEC)) {
    if (number_ < 0) throw core::FileError(path.string(), std::strerror(errno));
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { ::close(number_); }

  /// Implicit, so that it can be passed to system calls.
  operator int() const { return number_; }  // NOLINT(google-explicit-constructor)

 private:
  int number_;
};

}  // namespace rhosweep::store
