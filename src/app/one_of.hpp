#pragma once

#include <string>
#include <vector>

#include <CLI/Validators.hpp>

namespace rhosweep::app {

/// Accepts one of these words, and suggests the nearest for any other.
CLI::Validator one_of(const std::vector<std::string>& words);

}  // namespace rhosweep::app
