#pragma once

#include "rhosweep/mpi/world.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
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

  /// Bytes with a share in their ownership, and their number.
  using Bytes = std::pair<std::shared_ptr<const std::byte>, std::size_t>;

  /// Rank 0's bytes on every rank; none give a null pointer. If no rank reads rank 0's copy with it, they are
  /// this copy as they are. All other copies are aligned to a page, and for the one on rank 0's node its own
  /// bytes are given back as they are copied, unless they have another owner: memory never holds them twice.
  /// Throws core::MemoryError on a rank whose node has too little room for its copy. **Collective.**
  /// @param on_root handed over, ignored on the other ranks; memory of this process alone
  Bytes share(Bytes on_root);

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
