#include "rhosweep/process/prepare.hpp"

#include <csignal>

#include <fcntl.h>
#include <unistd.h>

namespace rhosweep::process {

void prepare() {
  for (const int number : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(number, F_GETFD) != -1) continue;
    // open() returns the lowest free number, which is `number`. With the opposite access mode, reads and
    // writes fail.
    ::open("/dev/null", number == STDIN_FILENO ? O_WRONLY : O_RDONLY);
  }
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
}

}  // namespace rhosweep::process
