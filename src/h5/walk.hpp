#pragma once

#include <span>
#include <string>

#include <hdf5.h>

namespace rhosweep::h5 {

/// Reads everything that this project may read from an open file, and discards it. Ignores errors.
/// @param names the variables in the root group to read; empty: everything in the root group and its groups
void walk(hid_t file, std::span<const std::string> names);

}  // namespace rhosweep::h5
