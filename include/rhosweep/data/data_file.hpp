#pragma once

#include "rhosweep/data/dataset.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace rhosweep::data {

enum class FileFormat { libsvm, csv, hdf5, npy };

/// A file of samples. The ending of its name determines the format, unless `given_format` is set. Text may be
/// compressed, with .gz, .bz2 or .xz appended to the name.
///
/// - LIBSVM (.libsvm, .svm, .txt, the endings of the LIBSVM collection, or no ending): lines
///   `LABEL INDEX:VALUE …`, indices increasing from 1; blank lines and `#` comments are skipped.
/// - CSV (.csv): one sample per line, fields separated by commas and optionally in "quotes", the same number
///   of fields in all lines. Blank lines are skipped. If `header` is empty, guess_header() decides whether
///   the first line is a header. A first column without a name, as pandas and R write it, is left out. Labels
///   may be texts, which name classes.
/// - HDF5 (.h5, .hdf5): `X` (samples, features), or compressed rows as `data` and `indices` (non-zeros) and
///   `indptr` (samples + 1), optionally with `shape` = (samples, features); column indices start at 0 and
///   increase within a row. The labels are in `y` (samples) or (samples, 1). Values are integers,
///   floating-point numbers of any size, or booleans.
/// - NumPy (.npz): arrays `X` (samples, features) and `y` (samples) or (samples, 1), with or without
///   compression. A .npy file has a single array; one of its columns holds the labels. Values are integers,
///   floating-point numbers or booleans.
struct DataFile {
  std::filesystem::path path;
  /// The column of a CSV file or a .npy array that holds the labels: a name in the header, or a number that
  /// counts from 1. If empty, the labels are in the column named "label", or else in the last column.
  std::string label_column = {};
  std::optional<FileFormat> given_format = {};  ///< overrides the ending of the name
  /// Whether the first line of a CSV file is a header; empty: guess_header() decides.
  std::optional<bool> header = {};
  /// The number of features, which LIBSVM files do not state; 0: the largest index in the file.
  std::int64_t features = 0;
  bool allows_text_labels = true;  ///< whether texts may be labels: false for regression

  /// Returns `given_format`, or else the format that the ending determines; nullopt if the ending is unknown.
  std::optional<FileFormat> format() const;
  /// Returns the ending of the name without the compression suffix: ".csv" for "a.csv.gz".
  std::string ending() const;
  /// Returns the place of a sample for messages: "FILE:LINE", or "FILE: row ROW" for arrays.
  /// @param place line or row of the sample, as in Dataset::Rows::lines
  std::string where(std::int64_t place) const;

  /// The formats and the endings of their files, as messages list them.
  static const char* const allowed;
};

/// Returns the format that a value of the key problem.format names.
FileFormat format_of(const std::string& name);

/// Selects the samples of a file that are held out. Each sample i has a number, uniform in (0, 1), that
/// depends on (seed, i) only. The sample is held out if its number is below the share, so a larger share
/// holds out the same samples and further ones.
struct Split {
  double share = 0.0;  ///< share of the samples to hold out, in (0, 1)
  std::int64_t seed = 0;

  bool holds_out(std::int64_t sample) const;
};

/// The contents of a data file, with labels and features as in the file.
struct FileRows {
  Dataset::Rows rows;
  Dataset::Rows held_out = {};          ///< empty without a split; has as many features as `rows`
  std::vector<std::string> names = {};  ///< names of the features; empty if the file has no header
  /// The distinct labels if they are texts, sorted; the labels in `rows` and `held_out` are then indices into
  /// this list. Empty if labels are numbers.
  std::vector<std::string> label_names = {};
  /// Whether the number of features in `rows` is certain. In a LIBSVM file, the last columns may be absent
  /// because all their values are zero, so the data may have more features than the file shows.
  bool has_all_features = false;
};

/// Reads a file in one pass and drops explicit zeros. A split divides the samples into training and held-out
/// rows. Meanwhile memory holds the rows in the given precision, and one line of text or one piece of an HDF5
/// dataset. Throws core::InputError `FILE:LINE: what was found; allowed: …`, or `FILE: reason` if the file
/// cannot be read. Also refuses numbers whose squares, which occur in norms and Hessians, would overflow the
/// precision. Throws core::MemoryError if the rows do not fit into memory.
FileRows read_rows(const DataFile& file, model::Precision precision,
                   const std::optional<Split>& split = std::nullopt);

}  // namespace rhosweep::data
