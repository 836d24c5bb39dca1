#pragma once

#include "rhosweep/data/dataset.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace rhosweep::data {

enum class FileFormat { libsvm, csv, hdf5 };

/// A file of samples, of the format that its ending says. Text may be compressed: .gz or .bz2 follows then.
///
/// - LIBSVM (.libsvm, .svm, .txt, the endings of the LIBSVM collection, or none): lines
///   `LABEL INDEX:VALUE …`, indices increasing from 1; blank lines and `#` comments are skipped.
/// - CSV (.csv): a sample per line, fields parted by commas, perhaps in "quotes"; all lines have as many of
///   them. The first line is a header if a field of it is no number; its numbers must then be whole, as
///   those that name columns are. Blank lines are skipped.
/// - HDF5 (.h5, .hdf5): `X` (samples, features), or its compressed rows as `data` and `indices` (non-zeros)
///   and `indptr` (samples + 1), perhaps with `shape` = (samples, features), indices increasing from 0 within
///   a row; and the labels `y` (samples). Integers or floating-point numbers of any size.
struct DataFile {
  std::filesystem::path path;
  /// The column of CSV that holds the labels: a name of the header, else a number from 1. Empty: the column
  /// named label, without one the last column.
  std::string label_column = {};

  /// None if the ending is of no format that is read.
  std::optional<FileFormat> format() const;
  /// Where a sample stands, for messages: "FILE:LINE", of HDF5 "FILE: row ROW". @param place as in
  /// Rows::lines
  std::string where(std::int64_t place) const;

  /// The formats with their endings, for messages.
  static const char* const allowed;
};

/// Which samples of a file are held out: sample i, from 0, where a number uniform in (0, 1), a pure function
/// of (seed, i), is below the share. So a larger share holds out the same samples and more.
struct Split {
  double share = 0.0;  ///< in (0, 1)
  std::int64_t seed = 0;

  bool holds_out(std::int64_t sample) const;
};

/// What a file holds, as it stands there.
struct FileRows {
  Dataset::Rows rows;
  Dataset::Rows held_out = {};          ///< no samples without a split; else as many features as `rows`
  std::vector<std::string> names = {};  ///< (features) of the columns; empty without a header
  bool has_all_features = false;  ///< the file says how many there are: not so LIBSVM, which leaves zeros out
};

/// Reads a file in one pass, with its own labels, parted in two by a split; explicit zeros are dropped.
/// Memory holds a line, or a piece of HDF5's arrays, beside the rows in the precision asked for. Throws
/// core::InputError `FILE:LINE: what was found; allowed: …`, `FILE: reason` if it cannot be read, and for a
/// number whose square (in norms and Hessians) would overflow the precision; core::MemoryError if the rows
/// outgrow the memory.
FileRows read_rows(const DataFile& file, model::Precision precision,
                   const std::optional<Split>& split = std::nullopt);

}  // namespace rhosweep::data
