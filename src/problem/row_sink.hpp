#pragma once

#include "rhosweep/problem/data_file.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace rhosweep::problem {

/// Takes the samples of a file from its reader, in their order, and words what is wrong with them.
class RowSink {
 public:
  using ColumnNamer = std::function<std::string(std::int64_t column)>;

  /// @param name_column what messages call a column
  RowSink(const DataFile& file, model::Precision precision, ColumnNamer name_column);

  /// Begins a sample. @param place where it stands: its line, or its row of HDF5's arrays
  void begin(std::int64_t place) { place_ = place; }
  /// A number of the sample, columns increasing from 0.
  void add(std::int64_t column, double value);
  /// Ends the sample. @param features that it shows the file to have, at least
  void end(double label, std::int64_t features);

  /// Throws core::InputError that names the place of the sample.
  [[noreturn]] void fail(std::string_view found, std::string_view allowed) const;
  /// Throws core::InputError that names the file.
  [[noreturn]] void fail_file(std::string_view found, std::string_view allowed) const;

  std::int64_t samples() const { return static_cast<std::int64_t>(rows_.labels.size()); }
  std::int64_t features() const { return rows_.features; }
  Dataset::Rows finish() && { return std::move(rows_); }

 private:
  void require_growth() const;

  const DataFile& file_;
  model::Precision precision_;
  ColumnNamer name_column_;
  std::int64_t place_ = 0;
  Dataset::Rows rows_;
};

/// The largest number of features: columns are 32-bit integers from 0.
inline constexpr std::int64_t most_features = 2147483647;

/// A finite number that fills the whole text, perhaps with a plus sign.
std::optional<double> to_real(std::string_view text);

/// A word of a file in a message; a binary file is not poured out.
std::string in_quotes(std::string_view word);

// The readers, one per format.
FileRows read_libsvm(const DataFile& file, model::Precision precision);
FileRows read_csv(const DataFile& file, model::Precision precision);
FileRows read_hdf5(const DataFile& file, model::Precision precision);

}  // namespace rhosweep::problem
