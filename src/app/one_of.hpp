#pragma once

#include <string>
#include <vector>

#include <CLI/Validators.hpp>

namespace rhosweep::app {

/// Accepts one of the given words, and suggests the nearest of these for any other word.
CLI::Validator one_of(const std::vector<std::string>& words);

}  // namespace rhosweep::app
