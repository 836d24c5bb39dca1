#pragma once

namespace rhosweep::mpi {

/// Throws core::Error with MPI's own message if an MPI function failed. `code` is the function's result, and
/// `call` is its name.
void check(int code, const char* call);

}  // namespace rhosweep::mpi
