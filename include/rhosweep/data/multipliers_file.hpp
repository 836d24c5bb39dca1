#pragma once

#include <cstddef>
#include <filesystem>
#include <vector>

namespace rhosweep::data {

/// The largest number of multipliers. It is limited because a results file stores the values as text, and
/// trials are looked up by this text.
inline constexpr std::size_t most_multipliers = 10'000;

/// Reads the multipliers of a schedule `table(FILE)`: numbers in [0, 1], separated by white space, with
/// comments that begin with #; or a one-dimensional dataset of an HDF5 file. For HDF5, `file` may end in
/// `:/NAME`, the name of the dataset; without a name, the file must have a single dataset. Throws
/// core::InputError with the file and the place of the first error, also if there are more than
/// most_multipliers numbers.
std::vector<double> read_multipliers(const std::filesystem::path& file);

}  // namespace rhosweep::data
