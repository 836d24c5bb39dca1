#pragma once

#include "document.hpp"

#include "rhosweep/model/search_settings.hpp"

#include <cstdint>
#include <string>

namespace rhosweep::model {

/// Reads the section [search]. Throws core::InputError with the place of the first error.
/// @param seeds number of seeds of the grid
SearchSettings read_search(const Node& section, std::int64_t seeds);

/// Returns the section [search] as canonical TOML.
std::string to_toml(const SearchSettings& settings);

}  // namespace rhosweep::model
