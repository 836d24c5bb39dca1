#pragma once

#include "row_sink.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace rhosweep::data {

/// Returns whether a word stands for a missing value or infinity in spreadsheets or data frames.
bool is_no_value(std::string_view word);

/// Reads labels that are numbers, or texts that name classes. A file must not mix numbers and texts.
class TextLabels {
 public:
  TextLabels(const DataFile& file, const RowSink& sink) : file_(file), sink_(sink) {}

  /// Returns a label as a number; the number of a text is preliminary. Throws core::InputError for a missing
  /// value, for a text where labels must be numbers, and for texts and numbers in one file.
  /// @param column name of the label's column, for messages
  double read(std::string_view word, const std::string& column);

  /// Replaces each preliminary number by the index of its text among the sorted texts, and sets the names of
  /// the labels.
  void finish(FileRows& rows) const;

 private:
  const DataFile& file_;
  const RowSink& sink_;
  bool has_numbers_ = false;
  std::map<std::string, std::int64_t, std::less<>> numbers_;  ///< preliminary numbers of texts, by text
};

}  // namespace rhosweep::data
