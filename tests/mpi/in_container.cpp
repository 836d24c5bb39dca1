// Sends a long message between two ranks where the system refuses process_vm_readv(2), as some containers do.
#include "rhosweep/mpi/environment.hpp"
#include "rhosweep/mpi/world.hpp"

#include <array>
#include <cerrno>
#include <cstddef>
#include <vector>

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <mpi.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

using namespace rhosweep;

namespace {

/// Makes process_vm_readv() fail in this process. Returns false if that is not possible.
bool refuse_single_copies() {
  std::array<sock_filter, 4> program{{
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_process_vm_readv, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  }};
  const sock_fprog filter{.len = program.size(), .filter = program.data()};
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

}  // namespace

int main(int argc, char** argv) {
  constexpr int skipped = 77;
  if (!refuse_single_copies()) return skipped;
  const mpi::Environment environment(argc, argv);
  const mpi::World world;
  std::vector<char> message(1 << 20, world.is_root() ? 'x' : '\0');
  MPI_Bcast(message.data(), static_cast<int>(message.size()), MPI_CHAR, 0, world.comm());
  return message.back() == 'x' ? 0 : 1;
}
