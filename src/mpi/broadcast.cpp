#include "broadcast.hpp"

#include "check.hpp"

#include <algorithm>

namespace rhosweep::mpi {

std::int64_t broadcast_size(std::int64_t size, MPI_Comm comm) {
  check(MPI_Bcast(&size, 1, MPI_INT64_T, 0, comm), "MPI_Bcast");
  return size;
}

void broadcast_bytes(std::span<std::byte> bytes, std::int64_t chunk_bytes, MPI_Comm comm) {
  while (!bytes.empty()) {
    const auto chunk = bytes.first(std::min(bytes.size(), static_cast<std::size_t>(chunk_bytes)));
    check(MPI_Bcast(chunk.data(), static_cast<int>(chunk.size()), MPI_BYTE, 0, comm), "MPI_Bcast");
    bytes = bytes.subspan(chunk.size());
  }
}

}  // namespace rhosweep::mpi
