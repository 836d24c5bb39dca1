#pragma once

#include "rhosweep/mpi/world.hpp"

namespace rhosweep::study {

/// Throws mpi::FailedTogether on all ranks if core::vector_unit() throws on one of them: RHOSWEEP_VECTOR_UNIT
/// may name a unit that only some processors support. The error names the first such rank. **Collective.**
void require_vector_units(const mpi::World& world);

}  // namespace rhosweep::study
