#pragma once

#include "rhosweep/store/results_reader.hpp"

namespace rhosweep::app {

/// Prints for every schedule the best stepsize and what a larger one costs, on standard output: a table for
/// each of the first axes points.
void print_summary(const store::ResultsReader& file);

}  // namespace rhosweep::app
