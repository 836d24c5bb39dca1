#pragma once

#include "rhosweep/problem/dataset.hpp"

#include <filesystem>

namespace rhosweep::problem {

/// Reads a file of lines `LABEL INDEX:VALUE INDEX:VALUE …` (LIBSVM and SVMlight text), indices from 1, with
/// labels and the number of features as in the file. Blank lines, `#` comments, CRLF line ends and a
/// byte-order mark are skipped; explicit zeros are dropped.
/// Throws core::InputError `FILE:LINE: what was found; allowed: …`, or `FILE: reason` if it cannot be read.
Dataset::Rows read_libsvm(const std::filesystem::path& file);

/// Reads a two-class training set: the smaller label becomes −1, the larger +1.
/// Throws core::InputError if there are not exactly two labels, or if the square of a value overflows the
/// precision.
Dataset read_two_class(const std::filesystem::path& file, model::Precision precision);

/// Reads held-out samples for a training set: the same labels, and no more features (fewer are padded with
/// zeros). Throws core::InputError otherwise.
Dataset read_held_out(const std::filesystem::path& file, const Dataset& train);

}  // namespace rhosweep::problem
