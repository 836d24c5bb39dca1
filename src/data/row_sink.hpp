#pragma once

#include "rhosweep/data/data_file.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace rhosweep::data {

/// Collects the samples of a file from its reader, in order, and throws an error for a sample that is not
/// valid.
class RowSink {
 public:
  using ColumnNamer = std::function<std::string(std::int64_t column)>;

  /// @param name_column returns the name of a column in messages
  RowSink(const DataFile& file, model::Precision precision, const std::optional<Split>& split,
          ColumnNamer name_column);

  /// Begins a sample. @param place the sample's line in a text file, or its row in the arrays of an HDF5 or
  /// NumPy file
  void begin(std::int64_t place);
  /// Adds a value to the sample. Columns start at 0 and increase.
  void add(std::int64_t column, double value);
  /// Ends the sample. @param features the least number of features that the file has, judging by this sample
  void end(double label, std::int64_t features);

  RowSink(const RowSink&) = delete;
  RowSink& operator=(const RowSink&) = delete;

  /// Throws core::InputError with the place of the sample.
  [[noreturn]] void fail(std::string_view found, std::string_view allowed) const;
  /// Throws core::InputError with the name of the file.
  [[noreturn]] void fail_file(std::string_view found, std::string_view allowed) const;

  std::int64_t samples() const { return samples_; }
  std::int64_t features() const { return features_; }
  /// Returns the training rows and the held-out rows.
  FileRows finish() &&;

 private:
  void require_growth() const;
  void require_room_for_weights() const;

  const DataFile& file_;
  model::Precision precision_;
  std::optional<Split> split_;
  ColumnNamer name_column_;
  std::int64_t place_ = 0;
  std::int64_t samples_ = 0;
  std::int64_t features_ = 0;
  std::int64_t affordable_ = 1'000'000;  ///< number of features whose weights are known to fit into memory
  FileRows parts_;
  Dataset::Rows* part_ = &parts_.rows;  ///< the rows to which the current sample belongs
};

/// The largest value that data may have: its square, which occurs in norms and Hessians, is far from
/// overflow.
constexpr double largest_value(model::Precision precision) {
  return precision == model::Precision::float64 ? 1e150 : 1e18;
}

/// The largest number of features. Columns are numbered by 32-bit integers.
inline constexpr std::int64_t most_features = 2147483647;

/// Reads a text as a number, optionally with a plus sign; nullopt if the text is anything but a finite
/// number.
std::optional<double> to_real(std::string_view text);

/// Quotes a word of a file for a message: shortened, with ? for bytes that are not printable.
std::string in_quotes(std::string_view word);

/// Advice for messages: what to do with labels that are names of classes if the file is not a CSV file.
inline constexpr const char* how_to_number_classes =
    "names of classes are read from CSV files only, elsewhere number them, as "
    "numpy.unique(y, return_inverse=True)[1] does";

// The readers, one per format.
FileRows read_libsvm(const DataFile& file, model::Precision precision, const std::optional<Split>& split);
FileRows read_csv(const DataFile& file, model::Precision precision, const std::optional<Split>& split);
FileRows read_npy(const DataFile& file, model::Precision precision, const std::optional<Split>& split);
FileRows read_hdf5(const DataFile& file, model::Precision precision, const std::optional<Split>& split);

}  // namespace rhosweep::data
