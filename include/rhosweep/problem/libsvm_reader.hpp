#pragma once

#include "rhosweep/problem/dataset.hpp"

#include <filesystem>

namespace rhosweep::problem {

/// Reads a file of lines `LABEL INDEX:VALUE INDEX:VALUE …` (LIBSVM and SVMlight text), indices from 1, with
/// labels and the number of features as in the file. Blank lines, `#` comments, CRLF line ends and a
/// byte-order mark are skipped; explicit zeros are dropped. Files that end in .gz or .bz2 are decompressed.
/// One pass; memory holds one line and the rows in the precision asked for.
/// Throws core::InputError `FILE:LINE: what was found; allowed: …`, `FILE: reason` if it cannot be read, and
/// for a value whose square (in norms and Hessians) would overflow the precision; core::MemoryError if the
/// rows outgrow the memory.
Dataset::Rows read_libsvm(const std::filesystem::path& file, model::Precision precision);

/// Reads a two-class training set: the smaller label becomes −1, the larger +1.
/// Throws core::InputError also if there are not exactly two labels.
Dataset read_two_class(const std::filesystem::path& file, model::Precision precision);

/// Reads held-out samples for a training set: the same labels, and no more features (fewer are padded with
/// zeros). Throws core::InputError otherwise.
Dataset read_held_out(const std::filesystem::path& file, const Dataset& train);

}  // namespace rhosweep::problem
