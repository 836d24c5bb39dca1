#pragma once

#include "rhosweep/mpi/node_data.hpp"
#include "rhosweep/mpi/world.hpp"
#include "rhosweep/problem/materials.hpp"

#include <vector>

namespace rhosweep::study {

/// Gives every rank what rank 0 has made; a node holds one copy of the data, also on the way, for rank 0's is
/// handed over. Collective.
/// @param made what is needed, on rank 0; ignored on the others
/// @param needs the same on all ranks
problem::Materials share(problem::Materials made, const std::vector<problem::Needs>& needs,
                         const mpi::World& world, mpi::NodeData& node_data);

}  // namespace rhosweep::study
