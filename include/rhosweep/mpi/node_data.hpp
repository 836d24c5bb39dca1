#pragma once

#include "rhosweep/mpi/world.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include <mpi.h>

namespace rhosweep::mpi {

/// How NodeData places and copies its data.
struct SharingOptions {
  std::int64_t chunk_bytes = broadcast_chunk_bytes;  ///< of one broadcast, below 2³¹
  /// A node with more ranks holds several copies, e.g. one per NUMA domain.
  std::int64_t ranks_per_copy = std::numeric_limits<std::int64_t>::max();
};

/// Data that the ranks of a node read from one copy, in MPI-3 shared windows. Freeing them is collective, so
/// only release() does it; without it, as after an error, they last until MPI ends and nothing waits.
class NodeData {
 public:
  /// **Collective.**
  explicit NodeData(const World& world, const SharingOptions& options = {});
  NodeData(const NodeData&) = delete;
  NodeData& operator=(const NodeData&) = delete;

  /// Rank 0's bytes and their number, on every rank, aligned to a page; no bytes give a null pointer. Rank
  /// 0's own can go afterwards. **Collective.**
  /// @param on_root ignored on the other ranks
  std::pair<std::shared_ptr<const std::byte>, std::size_t> share(std::span<const std::byte> on_root);

  /// Frees everything, at the end of a clean run. **Collective.** Throws core::InternalError if a pointer
  /// from share() is still in use.
  void release();

 private:
  struct Shared {
    MPI_Win window;
    std::shared_ptr<const std::byte> bytes;
  };

  MPI_Comm world_;
  MPI_Comm readers_ = MPI_COMM_NULL;  ///< ranks that read the same copy as this one
  MPI_Comm leaders_ = MPI_COMM_NULL;  ///< the first reader of every copy; null on the other ranks
  std::int64_t chunk_bytes_;
  std::vector<Shared> shared_;
};

}  // namespace rhosweep::mpi
