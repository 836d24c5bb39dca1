#pragma once

#include "costs.hpp"

#include "rhosweep/analysis/analysis.hpp"

#include <filesystem>
#include <vector>

namespace rhosweep::analysis {

/// Opens results files whose trials can be compared with a file's: the same problem, data, axes, number of
/// steps, batch size and sampling. Throws core::InputError for another one, and for one without ρ = 1.
std::vector<store::ResultsReader> open_baselines(const store::ResultsReader& file,
                                                 const std::vector<std::filesystem::path>& paths);

/// What every schedule of a baseline gave at ρ = 1, at the selection's axes points.
/// @param selection of the file that it is compared with
std::vector<Baseline> read_baseline(const store::ResultsReader& baseline, const Selection& selection,
                                    const Options& options);

}  // namespace rhosweep::analysis
