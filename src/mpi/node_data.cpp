#include "rhosweep/mpi/node_data.hpp"

#include "broadcast.hpp"
#include "check.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/core/memory.hpp"
#include "rhosweep/core/text.hpp"

#include <algorithm>
#include <string>

#include <fmt/format.h>
#include <sys/statvfs.h>

namespace rhosweep::mpi {

namespace {

constexpr std::size_t page_bytes = 4096;

int size_of(MPI_Comm comm) {
  int size = 0;
  check(MPI_Comm_size(comm, &size), "MPI_Comm_size");
  return size;
}

int rank_in(MPI_Comm comm) {
  int rank = 0;
  check(MPI_Comm_rank(comm, &rank), "MPI_Comm_rank");
  return rank;
}

/// Throws core::MemoryError if a shared window does not fit into memory, or into /dev/shm, where Open MPI
/// keeps it. A container may limit the size of /dev/shm.
/// @param bytes size of the window
/// @param given_back bytes that are released while the window is filled
void require_shared_memory(std::int64_t bytes, std::int64_t given_back) {
  const std::string what = "a node's copy of the data";
  core::require_memory(bytes, what, given_back);
  struct statvfs there {};
  if (::statvfs("/dev/shm", &there) != 0) return;
  const auto room = static_cast<std::int64_t>(there.f_bavail * there.f_frsize);
  if (bytes > room)
    throw core::MemoryError(fmt::format(
        "{} needs {} of shared memory, /dev/shm has {} left; enlarge it: in a container by --shm-size=SIZE, "
        "elsewhere, as root, by mount -o remount,size=SIZE /dev/shm",
        what, core::to_byte_text(static_cast<double>(bytes)), core::to_byte_text(static_cast<double>(room))));
}

/// Copies bytes piece by piece, and releases the pages of each piece of the source after its copy.
void move_bytes(std::span<std::byte> from, std::byte* to) {
  constexpr std::size_t piece_bytes = std::size_t{4} << 20;
  while (!from.empty()) {
    const auto piece = from.first(std::min(from.size(), piece_bytes));
    core::map_pages({to, piece.size()}, core::Access::write);
    to = std::ranges::copy(piece, to).out;
    core::give_back_pages(piece);
    from = from.subspan(piece.size());
  }
}

}  // namespace

NodeData::NodeData(const World& world, const SharingOptions& options)
    : world_(world.comm()), chunk_bytes_(options.chunk_bytes) {
  // The key keeps the order of the world's ranks, so the world's rank 0 is rank 0 among its readers and among
  // the leaders.
  const int key = static_cast<int>(world.rank().value);
  MPI_Comm node = MPI_COMM_NULL;
  check(MPI_Comm_split_type(world_, MPI_COMM_TYPE_SHARED, key, MPI_INFO_NULL, &node), "MPI_Comm_split_type");
  const int copy = static_cast<int>(rank_in(node) / options.ranks_per_copy);
  check(MPI_Comm_split(node, copy, key, &readers_), "MPI_Comm_split");
  check(MPI_Comm_free(&node), "MPI_Comm_free");
  const int leader = rank_in(readers_) == 0 ? 0 : MPI_UNDEFINED;
  check(MPI_Comm_split(world_, leader, key, &leaders_), "MPI_Comm_split");
}

NodeData::Bytes NodeData::share(Bytes on_root) {
  const std::int64_t size = broadcast_size(static_cast<std::int64_t>(on_root.second), world_);
  if (size == 0) return {nullptr, 0};

  const bool is_root = rank_in(world_) == 0;
  // The caller has handed the bytes over, so they may be changed here.
  const std::span own(const_cast<std::byte*>(on_root.first.get()), on_root.second);
  if (is_root && size_of(readers_) == 1) {
    broadcast_bytes(own, chunk_bytes_, leaders_);
    return on_root;
  }

  // The leader allocates the whole window, with one more page to leave room for alignment.
  const bool leads = leaders_ != MPI_COMM_NULL;
  const bool gives_back = is_root && on_root.first.use_count() == 1;
  if (leads) require_shared_memory(size, gives_back ? size : 0);
  std::size_t space = size + page_bytes;
  void* begin = nullptr;
  MPI_Win window = MPI_WIN_NULL;
  check(MPI_Win_allocate_shared(leads ? static_cast<MPI_Aint>(space) : 0, 1, MPI_INFO_NULL, readers_, &begin,
                                &window),
        "MPI_Win_allocate_shared");
  // A window does not inherit how its communicator handles errors, so the handler is set again.
  check(MPI_Win_set_errhandler(window, MPI_ERRORS_RETURN), "MPI_Win_set_errhandler");
  MPI_Aint window_bytes = 0;
  int unit = 0;
  check(MPI_Win_shared_query(window, 0, &window_bytes, &unit, &begin), "MPI_Win_shared_query");
  std::align(page_bytes, size, begin, space);
  auto* const bytes = static_cast<std::byte*>(begin);

  check(MPI_Win_fence(0, window), "MPI_Win_fence");
  const std::span shared(bytes, static_cast<std::size_t>(size));
  if (leads) {
    if (gives_back) {
      move_bytes(own, bytes);
    } else {
      core::map_pages(shared, core::Access::write);
      if (is_root) std::ranges::copy(own, bytes);
    }
    broadcast_bytes(shared, chunk_bytes_, leaders_);
  }
  check(MPI_Win_fence(0, window), "MPI_Win_fence");
  if (!leads) core::map_pages(shared, core::Access::read);

  // The shared pointer does not own the bytes; its use count tells whether anybody still reads them.
  shared_.push_back({window, std::shared_ptr<const std::byte>(bytes, [](const std::byte*) {})});
  return {shared_.back().bytes, size};
}

void NodeData::release() {
  for (const Shared& shared : shared_)
    core::require(shared.bytes.use_count() == 1, "node data is released while it is in use");
  for (Shared& shared : shared_) check(MPI_Win_free(&shared.window), "MPI_Win_free");
  shared_.clear();
  if (leaders_ != MPI_COMM_NULL) check(MPI_Comm_free(&leaders_), "MPI_Comm_free");
  check(MPI_Comm_free(&readers_), "MPI_Comm_free");
}

}  // namespace rhosweep::mpi
