#pragma once

#include "rhosweep/data/dataset.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace rhosweep::data {

enum class FileFormat { libsvm, csv, hdf5 };

/// A file of samples. Its ending determines the format. Text may be compressed, with .gz or .bz2 appended to
/// the name.
///
/// - LIBSVM (.libsvm, .svm, .txt, the endings of the LIBSVM collection, or none): lines
///   `LABEL INDEX:VALUE …`, indices increasing from 1; blank lines and `#` comments are skipped.
/// - CSV (.csv): one sample per line, fields separated by commas and optionally in "quotes", the same number
/// of
///   fields in all lines. The first line is a header if one of its fields is not a number. Numbers in a
///   header must be whole, so that a sample with a typing error is not taken for one. Blank lines are
///   skipped.
/// - HDF5 (.h5, .hdf5): `X` (samples, features), or compressed rows as `data` and `indices` (non-zeros) and
///   `indptr` (samples + 1), optionally with `shape` = (samples, features); column indices start at 0 and
///   increase within a row. The labels are in `y` (samples). Integers or floating-point numbers of any size.
struct DataFile {
  std::filesystem::path path;
  /// The column of a CSV file that holds the labels: a name in the header, or a number from 1. If empty, the
  /// labels are in the column named "label", or else in the last column.
  std::string label_column = {};

  /// Returns the format that the ending determines; nullopt if it is unknown.
  std::optional<FileFormat> format() const;
  /// Returns the place of a sample for messages: "FILE:LINE", or "FILE: row ROW" for HDF5.
  /// @param place as in Rows::lines
  std::string where(std::int64_t place) const;

  /// Names the formats and their endings, for messages.
  static const char* const allowed;
};

/// Selects the samples of a file that are held out. Each sample i has a number, uniform in (0, 1), that
/// depends on (seed, i) only. The sample is held out if its number is below the share. A larger share holds
/// out the same samples and more.
struct Split {
  double share = 0.0;  ///< in (0, 1)
  std::int64_t seed = 0;

  bool holds_out(std::int64_t sample) const;
};

/// The contents of a data file, with labels and features as in the file.
struct FileRows {
  Dataset::Rows rows;
  Dataset::Rows held_out = {};          ///< empty without a split; has as many features as `rows`
  std::vector<std::string> names = {};  ///< (features): names of the columns; empty without a header
  bool has_all_features =
      false;  ///< whether the number of features is certain; LIBSVM may leave out zero columns
};

/// Reads a file in one pass and drops explicit zeros. A split divides the samples into training and held-out
/// rows. Besides the rows, in the given precision, memory holds one line, or one piece of HDF5's arrays.
/// Throws core::InputError `FILE:LINE: what was found; allowed: …`, or `FILE: reason` if the file cannot be
/// read. Also refuses numbers whose squares, which occur in norms and Hessians, would overflow the precision.
/// Throws core::MemoryError if the rows do not fit into memory.
FileRows read_rows(const DataFile& file, model::Precision precision,
                   const std::optional<Split>& split = std::nullopt);

}  // namespace rhosweep::data
