#pragma once

#include <mpi.h>

namespace rhosweep::store {

/// The ranks that open a results file together. This is a separate type so that only code that opens files on
/// several ranks includes <mpi.h>.
struct Communicator {
  MPI_Comm handle = MPI_COMM_NULL;
};

}  // namespace rhosweep::store
