#pragma once

#include "rhosweep/store/results_reader.hpp"

#include <cstdint>
#include <string_view>

namespace rhosweep::study {

/// Warns that `cells` cells of a file fail their checksum. Does nothing if `cells` is 0.
/// @param treatment what happens to these cells, as in "left out"
void warn_of_damaged(const store::ResultsReader& file, std::int64_t cells, std::string_view treatment);

}  // namespace rhosweep::study
