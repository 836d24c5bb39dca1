#pragma once

#include <string>

#include <CLI/Validators.hpp>

namespace rhosweep::app {

/// Accepts a positive finite number.
CLI::Validator positive_number();

/// Accepts a finite number above 1.
CLI::Validator above_one();

/// What is wrong with a text that should be a number of cells or "all"; empty if nothing is.
std::string complaint_about_trials(const std::string& text);

}  // namespace rhosweep::app
