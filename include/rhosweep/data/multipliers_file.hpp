#pragma once

#include <cstddef>
#include <filesystem>
#include <vector>

namespace rhosweep::data {

/// A results file keeps the values of a schedule as text, and each of its trials is found by that text.
inline constexpr std::size_t most_multipliers = 10'000;

/// Reads the multipliers of a schedule `table(FILE)`: numbers in [0, 1], separated by white space, with
/// comments that begin with #; or a one-dimensional data set of an HDF5 file. `file` may end in `:/NAME`, the
/// data set; without it, the file must have no other. Throws core::InputError with the file and the line or
/// the place of the first error, also if there are more than most_multipliers.
std::vector<double> read_multipliers(const std::filesystem::path& file);

}  // namespace rhosweep::data
