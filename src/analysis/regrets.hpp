#pragma once

#include "rhosweep/analysis/replay.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace rhosweep::analysis {

/// Throws core::InputError unless all trials of the file have run to their end.
void require_full(const store::ResultsReader& file);

/// Returns read_seed_errors() of a full sweep, where a failed trial has an infinite error: it is never the
/// best.
SeedErrors full_seed_errors(const store::ResultsReader& file, const std::string& metric,
                            core::PointIndex point, std::int64_t schedule);

/// Returns the regret of choosing each ρ, by the mean error over all seeds, shape (ρ). All are infinite if no
/// ρ has a finite mean error.
std::vector<double> regrets_of(const SeedErrors& errors);

}  // namespace rhosweep::analysis
