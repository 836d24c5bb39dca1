#pragma once

#include "row_sink.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rhosweep::data {

/// Splits a line of a CSV file into its fields, and removes the quotes and blanks around each field.
class Fields {
 public:
  Fields(std::string_view line, const RowSink& sink) : rest_(line), sink_(sink) {}

  /// Returns the next field, valid until the next call; nullopt after the last one. Throws core::InputError
  /// if a quote is not closed or if text follows the closing quote.
  std::optional<std::string_view> next();

  /// Returns the number of the field that next() returned last, counted from 1.
  std::int64_t number() const { return number_; }

 private:
  std::string_view quoted_field();
  void pass(std::size_t comma);

  std::string_view rest_;
  const RowSink& sink_;
  std::string unquoted_;
  std::int64_t number_ = 0;
  bool is_at_end_ = false;
};

/// Returns all fields of a line.
std::vector<std::string> split_fields(std::string_view line, const RowSink& sink);

/// Returns whether the text consists of digits.
bool is_whole_number(std::string_view text);

/// Returns whether a header leaves the first column unnamed. Such a column holds the names or numbers of the
/// rows, as pandas and R write them. Returns false if the line may be no header but a sample whose first
/// value is missing.
bool has_row_names(const std::vector<std::string>& header);

/// What the first line of a CSV file is, for certain or by a guess.
enum class FirstLine { header, sample, header_by_guess, sample_by_guess };

/// Returns whether the first line of a CSV file is a header or a sample, and whether this is a guess.
/// @param first the fields of the first line
/// @param second the fields of the second line; empty if the file has no second line
/// @param label index of the label's column, from 0, if the file has no header; nullopt if the first line has
/// the column's name
FirstLine guess_header(const std::vector<std::string>& first, const std::vector<std::string>& second,
                       std::optional<std::int64_t> label);

}  // namespace rhosweep::data
