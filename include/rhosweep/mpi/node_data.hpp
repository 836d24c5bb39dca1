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

/// Options for how NodeData places and copies its data.
struct SharingOptions {
  std::int64_t chunk_bytes = broadcast_chunk_bytes;  ///< maximum number of bytes per broadcast, below 2³¹
  /// The largest number of ranks that share one copy of the data. A node with more ranks holds several
  /// copies, for example one per NUMA domain.
  std::int64_t ranks_per_copy = std::numeric_limits<std::int64_t>::max();
};

/// Data that the ranks of a node share as one copy, in MPI-3 shared windows. Freeing a window is collective,
/// so only release() frees the windows. Without release(), as after an error, the windows last until MPI
/// ends, and no rank waits for another.
class NodeData {
 public:
  /// Forms the groups of ranks that share one copy of the data. **Collective.**
  explicit NodeData(const World& world, const SharingOptions& options = {});
  NodeData(const NodeData&) = delete;
  NodeData& operator=(const NodeData&) = delete;

  /// A shared pointer to bytes, and the number of bytes.
  using Bytes = std::pair<std::shared_ptr<const std::byte>, std::size_t>;

  /// Returns rank 0's bytes on every rank, or a null pointer if rank 0 has none. If rank 0 is the only reader
  /// of its copy, it gets its own buffer back unchanged. All other copies are page-aligned. While rank 0
  /// fills the shared copy, it releases its own buffer unless the buffer has another owner, so memory never
  /// holds the data twice. Throws core::MemoryError on a rank whose node lacks room for its copy.
  /// **Collective.**
  /// @param on_root data that rank 0 hands over, in this process's private memory; ignored on other ranks
  Bytes share(Bytes on_root);

  /// Frees all copies of the data at the end of a run without errors. Throws core::InternalError if a pointer
  /// from share() is still in use. **Collective.**
  void release();

 private:
  struct Shared {
    MPI_Win window;
    std::shared_ptr<const std::byte> bytes;
  };

  MPI_Comm world_;
  MPI_Comm readers_ = MPI_COMM_NULL;  ///< ranks that read the same copy as this one
  MPI_Comm leaders_ = MPI_COMM_NULL;  ///< the first readers of all copies; null on the other ranks
  std::int64_t chunk_bytes_;
  std::vector<Shared> shared_;
};

}  // namespace rhosweep::mpi
