#include "open_mpi_settings.hpp"

#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string_view>
#include <system_error>

#include <mpi.h>
#include <sys/uio.h>
#include <unistd.h>

namespace rhosweep::mpi {

namespace {

namespace fs = std::filesystem;

#if defined(OMPI_MAJOR_VERSION) && OMPI_MAJOR_VERSION >= 5
// Every rank would print a line about TCP if the node has no network.
constexpr const char* useless_on_one_node = "^openib,usnic,ofi,uct,tcp";
constexpr std::uintmax_t segment_bytes = std::uintmax_t{16} << 20;
#else
// TCP is what is left if the ranks cannot share memory.
constexpr const char* useless_on_one_node = "^openib,usnic,ofi,uct";
constexpr std::uintmax_t segment_bytes = std::uintmax_t{4} << 20;
#endif

void set_default(const char* parameter, const char* value) {
  constexpr int keep_the_users = 0;
  ::setenv(parameter, value, keep_the_users);
}

/// Returns the number of ranks on this node that mpirun states; 1 if it states none.
std::uintmax_t ranks_here() {
  const char* const stated = std::getenv("OMPI_COMM_WORLD_LOCAL_SIZE");
  std::uintmax_t ranks = 1;
  if (stated != nullptr) {
    const std::string_view text = stated;
    std::from_chars(text.data(), text.data() + text.size(), ranks);
  }
  return ranks;
}

/// Whether all ranks run on this node, according to the variables that mpirun sets; false if unknown.
bool is_on_one_node() {
  const char* const ranks = std::getenv("OMPI_COMM_WORLD_SIZE");
  const char* const here = std::getenv("OMPI_COMM_WORLD_LOCAL_SIZE");
  if (ranks != nullptr && here != nullptr) return std::string_view(ranks) == here;
  return is_alone();
}

/// On a single node, stops Open MPI from searching for networks, and from starting a daemon for a process
/// without mpirun. Both are useless on one node and take most of the start-up time.
void spare_one_node() {
  if (!is_on_one_node()) return;
  set_default("OMPI_MCA_pml", "ob1");
  set_default("OMPI_MCA_btl", useless_on_one_node);
  set_default("OMPI_MCA_ess_singleton_isolated", "1");
}

/// Moves the segments through which ranks of a node send messages to the folder for temporary files if they
/// do not fit into /dev/shm, which is small in many containers.
void find_room_for_segments() {
  const std::uintmax_t ranks = ranks_here();
  std::error_code error;
  const fs::space_info shared = fs::space("/dev/shm", error);
  if (ranks < 2 || error || shared.available >= ranks * segment_bytes) return;
  const fs::path folder = fs::temp_directory_path(error);
  if (error || fs::space(folder, error).available < ranks * segment_bytes || error) return;
  set_default("OMPI_MCA_btl_vader_backing_directory", folder.c_str());
  set_default("OMPI_MCA_btl_sm_backing_directory", folder.c_str());
}

/// Whether the system refuses to copy from one process to another by process_vm_readv(2), as containers may.
bool refuses_single_copies() {
  char from = 0;
  char to = 0;
  const iovec local{.iov_base = &to, .iov_len = 1};
  const iovec remote{.iov_base = &from, .iov_len = 1};
  return ::process_vm_readv(::getpid(), &local, 1, &remote, 1, 0) != 1;
}

}  // namespace

bool is_alone() {
  return std::getenv("OMPI_COMM_WORLD_SIZE") == nullptr && std::getenv("PMIX_RANK") == nullptr &&
         std::getenv("PMI_RANK") == nullptr;
}

void adapt_open_mpi() {
  spare_one_node();
  find_room_for_segments();
  // Otherwise Open MPI 4 prints a line for every long message.
  if (refuses_single_copies()) set_default("OMPI_MCA_btl_vader_single_copy_mechanism", "none");
}

}  // namespace rhosweep::mpi
