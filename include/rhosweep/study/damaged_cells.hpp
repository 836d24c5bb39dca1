#pragma once

#include "rhosweep/store/results_reader.hpp"
#include "rhosweep/store/survey.hpp"

#include <cstdint>
#include <filesystem>
#include <string_view>
#include <vector>

namespace rhosweep::study {

/// Warns that `cells` cells of a file fail their checksum. Does nothing if `cells` is 0.
/// @param treatment what happens to these cells, as in "left out"
void warn_of_damaged(const store::ResultsReader& file, std::int64_t cells, std::string_view treatment);

/// Why cells contradict the sweep of their file.
enum class MisfitCause {
  damage,   ///< something has changed the file, or a run was killed before it has judged copied cells
  copying,  ///< cells were copied, or first trials have run anew, so that [stop_when] has other limits
};

/// Makes the cells of a results file fit its sweep. A trial that [stop_when] stops, although more of its
/// learning curve is known, is stopped there if this gives the bits of a run. All other cells are cleared and
/// get the state that the sweep requires. Logs what it does; of damage, it warns.
/// @return the cells that were stopped
model::CellSet settle_misfits(const std::filesystem::path& path, const model::Grid& grid,
                              const std::vector<store::Misfit>& misfits, MisfitCause cause);

}  // namespace rhosweep::study
