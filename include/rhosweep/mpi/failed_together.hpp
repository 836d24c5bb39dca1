#pragma once

#include "rhosweep/core/error.hpp"

namespace rhosweep::mpi {

/// Thrown on all ranks if rank 0 failed while the other ranks waited for it, so that all ranks exit with the
/// same code. On the other ranks the message is empty, so that only rank 0 prints it. Any other exception is
/// thrown on a single rank, while the other ranks keep waiting for that rank.
class FailedTogether : public core::Error {
 public:
  using core::Error::Error;
};

}  // namespace rhosweep::mpi
