#pragma once

#include "rhosweep/store/results_reader.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace rhosweep::app {

/// "sgd.steps = 1024, problem.l2 = 0.1"; empty without axes.
std::string point_label(const model::Grid& grid, core::PointIndex point);

/// "sgd.steps = 1024, seed = 3, schedule = cosine, rho = 2" of a block's first trial.
std::string cell_label(const model::Grid& grid, const model::Block& block);

/// Warns of so many cells of a file that are not as their checksums say, unless there are none, and tells
/// their fate ("left out").
void warn_of_torn(const store::ResultsReader& file, std::int64_t cells, std::string_view fate);

/// Prints for every schedule the best stepsize and what a larger one costs, on standard output: a table for
/// each of the first axes points.
void print_summary(const store::ResultsReader& file);

}  // namespace rhosweep::app
