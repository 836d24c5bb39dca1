#pragma once

#include "rhosweep/mpi/node_data.hpp"
#include "rhosweep/mpi/world.hpp"
#include "rhosweep/problem/materials.hpp"

#include <vector>

namespace rhosweep::study {

/// Sends the materials that rank 0 has made to all ranks. Each node holds one copy of the data, which its
/// ranks share. Rank 0 frees its own copy piece by piece, so its node never holds two full copies.
/// **Collective.**
/// @param made the materials, on rank 0; ignored on the other ranks
/// @param needs the materials to send; the same on all ranks
problem::Materials share(problem::Materials made, const std::vector<problem::Needs>& needs,
                         const mpi::World& world, mpi::NodeData& node_data);

}  // namespace rhosweep::study
