#include "row_sink.hpp"
#include "text_lines.hpp"

#include "rhosweep/core/text.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace rhosweep::data {

namespace {

/// Splits a line into its fields, without quotes and surrounding blanks.
class Fields {
 public:
  Fields(std::string_view line, const RowSink& sink) : rest_(line), sink_(sink) {}

  /// Returns the next field, valid until the next call; nullopt after the last one.
  std::optional<std::string_view> next() {
    if (is_at_end_) return std::nullopt;
    ++number_;
    const std::size_t first = std::min(rest_.find_first_not_of(" \t"), rest_.size());
    if (rest_.substr(first).starts_with('"')) {
      rest_.remove_prefix(first + 1);
      return quoted_field();
    }
    const std::size_t comma = rest_.find(',');
    const std::string_view field = core::trim(rest_.substr(0, comma));
    pass(comma);
    return field;
  }

  /// Number of the field that next() returned last, from 1.
  std::int64_t number() const { return number_; }

 private:
  std::string_view quoted_field() {
    unquoted_.clear();
    for (bool is_open = true; is_open;) {
      const std::size_t quote = rest_.find('"');
      if (quote == std::string_view::npos)
        sink_.fail(fmt::format("a quote in column {} that is not closed", number_), "quotes within one line");
      unquoted_ += rest_.substr(0, quote);
      rest_.remove_prefix(quote + 1);
      is_open = rest_.starts_with('"');  // a doubled quote stands for itself
      if (is_open) {
        unquoted_ += '"';
        rest_.remove_prefix(1);
      }
    }
    const std::size_t comma = rest_.find(',');
    if (!core::trim(rest_.substr(0, comma)).empty())
      sink_.fail(fmt::format("{} after the quotes of column {}", in_quotes(rest_.substr(0, comma)), number_),
                 "a comma or the end of the line");
    pass(comma);
    return core::trim(unquoted_);
  }

  void pass(std::size_t comma) {
    is_at_end_ = comma == std::string_view::npos;
    if (!is_at_end_) rest_.remove_prefix(comma + 1);
  }

  std::string_view rest_;
  const RowSink& sink_;
  std::string unquoted_;
  std::int64_t number_ = 0;
  bool is_at_end_ = false;
};

bool is_whole_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

class CsvReader {
 public:
  CsvReader(const DataFile& file, model::Precision precision, const std::optional<Split>& split)
      : file_(file), sink_(file, precision, split, [this](std::int64_t column) {
          return name_of(column + (column < label_ ? 1 : 2));
        }) {}

  void read(std::string_view line, std::int64_t number) {
    if (core::trim(line).empty()) return;
    sink_.begin(number);
    if (columns_ == 0) {
      first_line_ = number;
      if (read_first(line)) return;
    }
    read_sample(line);
  }

  FileRows finish() && {
    if (sink_.samples() == 0)
      sink_.fail_file("no samples", "at least one line of numbers separated by commas");
    if (!names_.empty()) names_.erase(names_.begin() + label_);
    FileRows file = std::move(sink_).finish();
    file.names = std::move(names_);
    file.has_all_features = true;
    return file;
  }

 private:
  /// Reads the number and the names of the columns from the first line. @return whether it is a header
  bool read_first(std::string_view line) {
    std::vector<std::string> words;
    Fields fields(line, sink_);
    while (const auto field = fields.next()) words.emplace_back(*field);
    columns_ = std::ssize(words);
    if (columns_ < 2) sink_.fail("one column", "a label and at least one feature, separated by commas");
    if (columns_ - 1 > most_features)
      sink_.fail(fmt::format("{} columns", columns_), fmt::format("up to {} features", most_features));
    const bool is_header = !std::all_of(words.begin(), words.end(), to_real);
    if (is_header) {
      check_names(words);
      names_ = std::move(words);
    }
    label_ = find_label();
    return is_header;
  }

  /// Throws if the header contains an empty field or a number that is not whole: then it is probably a sample
  /// with a typing error.
  void check_names(const std::vector<std::string>& words) const {
    for (std::size_t i = 0; i < words.size(); ++i) {
      if (words[i].empty() || (to_real(words[i]) && !is_whole_number(words[i])))
        sink_.fail(fmt::format("{} in column {} of the first line", in_quotes(words[i]), i + 1),
                   "only finite numbers, or a header that names every column");
    }
  }

  /// Returns the index of the label's column, from 0.
  std::int64_t find_label() const {
    const std::string& wanted = file_.label_column;
    const std::string name = wanted.empty() ? "label" : wanted;
    const auto same = std::count(names_.begin(), names_.end(), name);
    if (same > 1) sink_.fail(fmt::format("{} columns named {}", same, in_quotes(name)), "one for the labels");
    if (same == 1) return std::find(names_.begin(), names_.end(), name) - names_.begin();
    if (wanted.empty()) return columns_ - 1;
    std::int64_t number = 0;
    std::from_chars(wanted.data(), wanted.data() + wanted.size(), number);
    if (!is_whole_number(wanted) || number < 1 || number > columns_)
      sink_.fail(fmt::format("no column {} for the labels (problem.label_column)", in_quotes(wanted)),
                 fmt::format("{}a number from 1 to {}", names_.empty() ? "" : "a name of the header, or ",
                             columns_));
    return number - 1;
  }

  void read_sample(std::string_view line) {
    Fields fields(line, sink_);
    double label = 0.0;
    while (const auto field = fields.next()) {
      if (fields.number() > columns_) continue;  // too many fields: only count them for the message
      const auto value = to_real(*field);
      if (!value)
        sink_.fail(
            fmt::format("{} in {}", field->empty() ? "nothing" : in_quotes(*field), name_of(fields.number())),
            "a finite number");
      const std::int64_t column = fields.number() - 1;
      if (column == label_)
        label = *value;
      else
        sink_.add(column - (column > label_ ? 1 : 0), *value);
    }
    if (fields.number() != columns_)
      sink_.fail(fmt::format("{} columns", fields.number()),
                 fmt::format("{} as in line {}", columns_, first_line_));
    sink_.end(label, columns_ - 1);
  }

  /// @param number of the column, from 1
  std::string name_of(std::int64_t number) const {
    return names_.empty() ? fmt::format("column {}", number)
                          : fmt::format("column {} ({})", number, in_quotes(names_[number - 1]));
  }

  const DataFile& file_;
  RowSink sink_;
  std::vector<std::string> names_;  ///< (columns); empty without a header
  std::int64_t columns_ = 0;
  std::int64_t label_ = 0;  ///< index of the label's column, from 0
  std::int64_t first_line_ = 0;
};

}  // namespace

FileRows read_csv(const DataFile& file, model::Precision precision, const std::optional<Split>& split) {
  CsvReader reader(file, precision, split);
  TextLines lines(file.path);
  while (const auto line = lines.next()) reader.read(*line, lines.number());
  return std::move(reader).finish();
}

}  // namespace rhosweep::data
