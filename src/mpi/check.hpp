#pragma once

namespace rhosweep::mpi {

/// Throws core::Error with MPI's own text unless a raw MPI call succeeded.
/// @param call the name of the MPI function
void check(int code, const char* call);

}  // namespace rhosweep::mpi
