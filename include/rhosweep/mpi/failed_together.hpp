#pragma once

#include "rhosweep/core/error.hpp"

namespace rhosweep::mpi {

/// Rank 0 failed while the others waited for it, and all ranks know: each of them throws this, so that all
/// end with the same exit code. The message is rank 0's; on the others it is empty, so that one rank speaks
/// for all. Any other exception is of one rank alone, which the others go on waiting for.
class FailedTogether : public core::Error {
 public:
  using core::Error::Error;
};

}  // namespace rhosweep::mpi
