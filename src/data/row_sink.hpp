#pragma once

#include "rhosweep/data/data_file.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace rhosweep::data {

/// Takes the samples of a file from its reader, in their order, and words what is wrong with them.
class RowSink {
 public:
  using ColumnNamer = std::function<std::string(std::int64_t column)>;

  /// @param name_column what messages call a column
  RowSink(const DataFile& file, model::Precision precision, const std::optional<Split>& split,
          ColumnNamer name_column);

  /// Begins a sample. @param place where it stands: its line, or its row of HDF5's arrays
  void begin(std::int64_t place);
  /// A number of the sample, columns increasing from 0.
  void add(std::int64_t column, double value);
  /// Ends the sample. @param features that it shows the file to have, at least
  void end(double label, std::int64_t features);

  RowSink(const RowSink&) = delete;
  RowSink& operator=(const RowSink&) = delete;

  /// Throws core::InputError that names the place of the sample.
  [[noreturn]] void fail(std::string_view found, std::string_view allowed) const;
  /// Throws core::InputError that names the file.
  [[noreturn]] void fail_file(std::string_view found, std::string_view allowed) const;

  std::int64_t samples() const { return samples_; }
  std::int64_t features() const { return features_; }
  /// The rows and the held-out ones.
  FileRows finish() &&;

 private:
  void require_growth() const;

  const DataFile& file_;
  model::Precision precision_;
  std::optional<Split> split_;
  ColumnNamer name_column_;
  std::int64_t place_ = 0;
  std::int64_t samples_ = 0;
  std::int64_t features_ = 0;
  FileRows parts_;
  Dataset::Rows* part_ = &parts_.rows;  ///< that takes the sample
};

/// Numbers up to this have squares (in norms and Hessians) far from overflow.
constexpr double largest_value(model::Precision precision) {
  return precision == model::Precision::float64 ? 1e150 : 1e18;
}

/// The largest number of features: columns are 32-bit integers from 0.
inline constexpr std::int64_t most_features = 2147483647;

/// A finite number that fills the whole text, perhaps with a plus sign.
std::optional<double> to_real(std::string_view text);

/// A word of a file in a message; a binary file is not poured out.
std::string in_quotes(std::string_view word);

// The readers, one per format.
FileRows read_libsvm(const DataFile& file, model::Precision precision, const std::optional<Split>& split);
FileRows read_csv(const DataFile& file, model::Precision precision, const std::optional<Split>& split);
FileRows read_hdf5(const DataFile& file, model::Precision precision, const std::optional<Split>& split);

}  // namespace rhosweep::data
