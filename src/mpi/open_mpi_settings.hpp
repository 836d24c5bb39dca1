#pragma once

namespace rhosweep::mpi {

/// Whether this process runs alone, without a launcher. Works before MPI_Init.
bool is_alone();

/// Sets parameters of Open MPI that suit this node, in the environment. Values that the user has set are
/// kept. Call before MPI_Init.
void adapt_open_mpi();

}  // namespace rhosweep::mpi
