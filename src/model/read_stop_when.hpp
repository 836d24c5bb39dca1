#pragma once

#include "document.hpp"

#include "rhosweep/model/stop_when.hpp"

#include <string>

namespace rhosweep::model {

/// Reads the section [stop_when]. Throws core::InputError with the place of the first error.
StopWhen read_stop_when(const Node& section);

/// Returns the section as canonical TOML.
std::string to_toml(const StopWhen& settings);

}  // namespace rhosweep::model
