#pragma once

#include "costs.hpp"

#include "rhosweep/analysis/analysis.hpp"

#include <filesystem>
#include <vector>

namespace rhosweep::analysis {

/// Opens the results files of --baseline, other sweeps whose trials must be comparable with those of `file`:
/// the same problem, data, axes, number of steps, batch size, sampling and precision. Throws core::InputError
/// for a file that differs in one of these, and for a file without ρ = 1.
std::vector<store::ResultsReader> open_baselines(const store::ResultsReader& file,
                                                 const std::vector<std::filesystem::path>& paths);

/// Returns the result of every schedule of a baseline at ρ = 1, at the selection's axes points.
/// @param selection the analysed part of the file that the baseline is compared with
std::vector<Baseline> read_baseline(const store::ResultsReader& baseline, const Selection& selection,
                                    const Options& options);

}  // namespace rhosweep::analysis
