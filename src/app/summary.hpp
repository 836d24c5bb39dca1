#pragma once

#include "rhosweep/store/results_reader.hpp"

namespace rhosweep::app {

/// Prints to standard output, for every schedule, the best stepsize and the cost of larger stepsizes: one
/// table for each of the first four axes points.
void print_summary(const store::ResultsReader& file);

}  // namespace rhosweep::app
