#pragma once

#include "rhosweep/model/cell_set.hpp"
#include "rhosweep/mpi/world.hpp"
#include "rhosweep/store/results_file.hpp"

#include <cstdint>
#include <filesystem>

namespace rhosweep::study {

/// Closes the results file of a run. Throws core::FileError, on rank 0 with its message, if another process
/// has replaced, removed or truncated it, since its results are then lost. **Collective.**
/// @param finished the number of cells of `ran` that were done or diverged and were written, on rank 0
void end_file(store::ResultsFile file, const std::filesystem::path& path, const model::CellSet& ran,
              std::int64_t finished, const mpi::World& world);

}  // namespace rhosweep::study
