#pragma once

#include "rhosweep/store/results_reader.hpp"

#include <cstdint>
#include <string_view>

namespace rhosweep::study {

/// Warns that cells of a file fail their checksum, unless there are none.
/// @param fate what happens to them, as in "left out"
void warn_of_torn(const store::ResultsReader& file, std::int64_t cells, std::string_view fate);

}  // namespace rhosweep::study
