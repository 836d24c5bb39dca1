#pragma once

#include <string>

#include <CLI/Validators.hpp>

namespace rhosweep::app {

/// Accepts a positive finite number.
CLI::Validator positive_number();

/// Accepts the ratio of neighbouring stepsizes of a grid: a finite number, not so near to 1 that the grid
/// would have thousands of points.
CLI::Validator ratio_of_grid();

/// Returns the error message for a text that is neither a number of cells nor "all", else an empty text.
std::string complaint_about_trials(const std::string& text);

}  // namespace rhosweep::app
