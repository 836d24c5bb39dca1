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

/// Clears the cells of a results file that contradict its sweep, gives each the state that the sweep
/// requires, and logs a warning. Does nothing if `misfits` is empty.
void clear_misfits(const std::filesystem::path& path, const model::Grid& grid,
                   const std::vector<store::Misfit>& misfits);

}  // namespace rhosweep::study
