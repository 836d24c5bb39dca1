#include "pipe.hpp"

#include "rhosweep/core/error.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <string>

#include <fcntl.h>
#include <unistd.h>

namespace rhosweep::process {

namespace {

/// Moves a descriptor to a number that no guard uses.
core::Descriptor move_up(int number, const char* what) {
  core::Descriptor low(number);
  core::Descriptor high(number < 0 ? -1 : ::fcntl(number, F_DUPFD_CLOEXEC, first_free_number));
  if (!high.is_open()) throw core::Error(std::string("cannot ") + what + ": " + std::strerror(errno));
  return high;
}

}  // namespace

Pipe make_pipe() {
  constexpr const char* what = "make a pipe";
  std::array<int, 2> ends{-1, -1};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) ends = {-1, -1};
  Pipe pipe;
  pipe.read = move_up(ends[0], what);
  pipe.write = move_up(ends[1], what);
  return pipe;
}

core::Descriptor open_null() {
  return move_up(::open("/dev/null", O_RDONLY | O_CLOEXEC), "open /dev/null");
}

}  // namespace rhosweep::process
