#pragma once

#include "rhosweep/model/cell_set.hpp"
#include "rhosweep/mpi/world.hpp"
#include "rhosweep/store/results_file.hpp"

#include <cstdint>
#include <filesystem>

namespace rhosweep::study {

/// Closes the results file of a run. Throws core::FileError if another process has replaced, removed or
/// truncated the file, because results are then lost; only the error on rank 0 has the message.
/// **Collective.**
/// @param finished number of cells in `ran` that the run has written as done, diverged or stopped; used on
/// rank 0 only
void end_file(store::ResultsFile file, const std::filesystem::path& path, const model::CellSet& ran,
              std::int64_t finished, const mpi::World& world);

}  // namespace rhosweep::study
