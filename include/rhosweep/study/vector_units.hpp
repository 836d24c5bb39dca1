#pragma once

#include "rhosweep/mpi/world.hpp"

namespace rhosweep::study {

/// Throws mpi::FailedTogether on all ranks if core::vector_unit() throws on any rank, for example because the
/// rank's processor does not support the unit that RHOSWEEP_VECTOR_UNIT names. The error names the first such
/// rank. **Collective.**
void require_vector_units(const mpi::World& world);

}  // namespace rhosweep::study
