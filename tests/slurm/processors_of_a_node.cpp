// Preloaded into the slurmd of a test's node. All nodes of the cluster are this machine, so Slurm would
// confine the jobs of all nodes, and of all tests that run concurrently, to the same first processors. This
// library maps processor i of a node to the machine's processor i + RHOSWEEP_TEST_SHIFT, modulo their number.
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <vector>

#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace {

/// Returns the processors that the cluster was started with: those that this process may use at the first
/// call of this function.
const std::vector<int>& processors() {
  static const std::vector<int> list = [] {
    std::vector<int> usable;
    cpu_set_t mask;
    CPU_ZERO(&mask);
    if (::sched_getaffinity(0, sizeof mask, &mask) != 0) return usable;
    for (int i = 0; i < CPU_SETSIZE; ++i)
      if (CPU_ISSET(i, &mask)) usable.push_back(i);
    return usable;
  }();
  return list;
}

/// Calls processors() at load time, before Slurm confines this process.
[[maybe_unused]] const std::size_t usable = processors().size();

}  // namespace

extern "C" int sched_setaffinity(pid_t pid, std::size_t bytes, const cpu_set_t* mask) noexcept {
  const char* const shift = std::getenv("RHOSWEEP_TEST_SHIFT");
  const bool confines = std::strcmp(program_invocation_short_name, "slurmstepd") == 0;
  std::vector<cpu_set_t> shifted((bytes + sizeof(cpu_set_t) - 1) / sizeof(cpu_set_t));
  std::memcpy(shifted.data(), mask, bytes);
  if (confines && shift != nullptr && !processors().empty()) {
    CPU_ZERO_S(bytes, shifted.data());
    for (std::size_t i = 0; i < 8 * bytes; ++i)
      if (CPU_ISSET_S(i, bytes, mask))
        CPU_SET_S(processors()[(i + std::strtoul(shift, nullptr, 10)) % processors().size()], bytes,
                  shifted.data());
  }
  return static_cast<int>(::syscall(SYS_sched_setaffinity, pid, bytes, shifted.data()));
}
