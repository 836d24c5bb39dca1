#pragma once

#include <mpi.h>

namespace rhosweep::store {

/// The ranks that open a results file together. Its own type, so that code that does not open files on
/// several ranks sees no <mpi.h>.
struct Communicator {
  MPI_Comm handle = MPI_COMM_NULL;
};

}  // namespace rhosweep::store
