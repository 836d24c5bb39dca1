#pragma once

#include "row_sink.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace rhosweep::data {

/// Returns whether a word is one that spreadsheets and data frames write for a missing value or for infinity.
bool is_no_value(std::string_view word);

/// Reads labels that are numbers, or texts that name classes. A file must not mix them.
class TextLabels {
 public:
  TextLabels(const DataFile& file, const RowSink& sink) : file_(file), sink_(sink) {}

  /// Returns the number of a label; that of a text is preliminary. Throws core::InputError for a missing
  /// value, for a text where labels must be numbers, and for texts and numbers in one file.
  /// @param column name of the label's column, for messages
  double read(std::string_view word, const std::string& column);

  /// Replaces the preliminary numbers by the index of the text among the sorted texts, and names them.
  void finish(FileRows& rows) const;

 private:
  const DataFile& file_;
  const RowSink& sink_;
  bool has_numbers_ = false;
  std::map<std::string, std::int64_t, std::less<>> numbers_;  ///< by text, in the order of the file
};

}  // namespace rhosweep::data
