#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <mpi.h>

namespace rhosweep::mpi {

/// Returns rank 0's size on every rank. Collective.
std::int64_t broadcast_size(std::int64_t size, MPI_Comm comm);

/// Copies rank 0's bytes to every rank, in chunks of at most `chunk_bytes`. Collective; all ranks must pass
/// the same size.
void broadcast_bytes(std::span<std::byte> bytes, std::int64_t chunk_bytes, MPI_Comm comm);

}  // namespace rhosweep::mpi
