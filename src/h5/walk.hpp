#pragma once

#include <span>
#include <string>

#include <hdf5.h>

namespace rhosweep::h5 {

/// Reads what this project may read from an open file, and discards it. Ignores errors. Reads the variables
/// `names` of the root group; if there are no names, reads everything in the root group and in its groups.
void walk(hid_t file, std::span<const std::string> names);

}  // namespace rhosweep::h5
