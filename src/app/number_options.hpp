#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <CLI/App.hpp>
#include <CLI/Validators.hpp>

namespace rhosweep::app {

// All number options are read in one way, core::parse_integer() or core::parse_number(): decimal digits
// without a plus sign, spaces or separators. Add the validators with Option::transform(), since they rewrite
// the text for CLI11, which would take 010 for octal and 0x10 for 16.

/// Adds an option for a list of numbers that are separated by commas.
CLI::Option* add_numbers(CLI::App& command, const std::string& name, std::vector<double>& numbers,
                         const std::string& description);

/// Accepts an integer from `least` to `most`.
CLI::Validator whole_number(std::int64_t least, std::int64_t most);

/// Accepts a positive finite number.
CLI::Validator positive_number();

/// Accepts the ratio of neighbouring stepsizes of a grid: a finite number, not so near to 1 that the grid
/// would have thousands of points.
CLI::Validator ratio_of_grid();

/// Throws CLI::ValidationError if a list of an option holds a number twice.
/// @param option as the user writes it: "--rho"
void require_distinct(const std::string& option, const std::vector<double>& values);

/// Returns the error message for a text that is neither a number of cells nor "all", else an empty text.
std::string complaint_about_trials(const std::string& text);

}  // namespace rhosweep::app
