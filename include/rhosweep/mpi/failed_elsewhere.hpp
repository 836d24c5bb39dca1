#pragma once

#include "rhosweep/core/error.hpp"

namespace rhosweep::mpi {

/// Rank 0 failed and says why; the other ranks end with the same exit code and say nothing.
class FailedElsewhere : public core::Error {
 public:
  explicit FailedElsewhere(core::ExitCode code) : core::Error("rank 0 failed", code) {}
};

}  // namespace rhosweep::mpi
