#pragma once

namespace rhosweep::mpi {

/// Throws core::Error with MPI's own message if a raw MPI call failed.
/// @param call the name of the MPI function
void check(int code, const char* call);

}  // namespace rhosweep::mpi
