#pragma once

#include <span>
#include <string>

#include <hdf5.h>

namespace rhosweep::h5 {

/// Reads whatever code of this project may read of an open file, and drops it. Errors are ignored.
/// @param names the variables of the root to read; empty for all of the root and of its groups
void walk(hid_t file, std::span<const std::string> names);

}  // namespace rhosweep::h5
