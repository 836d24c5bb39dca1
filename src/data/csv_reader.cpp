#include "csv_fields.hpp"
#include "row_sink.hpp"
#include "text_labels.hpp"
#include "text_lines.hpp"

#include "rhosweep/core/log.hpp"
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

/// Reads a text that is the number of a column, from 1; nullopt if the text is anything else.
std::optional<std::int64_t> number_of_column(const std::string& text, std::int64_t columns) {
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  if (!is_whole_number(text) || number < 1 || number > columns) return std::nullopt;
  return number;
}

class CsvReader {
 public:
  CsvReader(const DataFile& file, model::Precision precision, const std::optional<Split>& split)
      : file_(file),
        sink_(file, precision, split,
              [this](std::int64_t feature) { return name_of(column_of(feature) + 1); }),
        labels_(file, sink_) {}

  void read(std::string_view line, std::int64_t number) {
    if (core::trim(line).empty()) return;
    if (first_line_ == 0) {
      // Keep the first line until the second is read, which helps to tell whether the first is a header.
      first_line_ = number;
      first_ = line;
      return;
    }
    if (columns_ == 0) begin(line, number);
    sink_.begin(number);
    read_sample(line);
  }

  FileRows finish() && {
    if (first_line_ > 0 && columns_ == 0) begin("", 0);
    if (sink_.samples() == 0)
      sink_.fail_file("no samples", "at least one line of numbers separated by commas");
    if (!names_.empty()) {
      names_.erase(names_.begin() + label_);
      names_.erase(names_.begin(), names_.begin() + skipped_);
    }
    FileRows file = std::move(sink_).finish();
    labels_.finish(file);
    file.names = std::move(names_);
    file.has_all_features = true;
    return file;
  }

 private:
  /// Reads the first line, which is a sample or a header with the columns' names. Sets the number of columns.
  void begin(std::string_view second_line, std::int64_t second_number) {
    sink_.begin(second_number);
    const auto second = second_line.empty() ? std::vector<std::string>{} : split_fields(second_line, sink_);
    sink_.begin(first_line_);
    std::vector<std::string> words = split_fields(first_, sink_);
    columns_ = std::ssize(words);
    const bool is_header = columns_ > 1 && has_header(words, second);
    skipped_ = is_header && has_row_names(words) ? 1 : 0;
    if (columns_ - skipped_ < 2)
      sink_.fail("one column", "a label and at least one feature, separated by commas");
    if (columns_ - 1 > most_features)
      sink_.fail(fmt::format("{} columns", columns_), fmt::format("up to {} features", most_features));
    if (is_header) {
      check_names(words);
      names_ = std::move(words);
    }
    label_ = find_label();
    if (skipped_ > 0 && label_ == 0)
      sink_.fail("labels in column 1, which has no name (problem.label_column)", "a column with a name");
    if (skipped_ > 0)
      core::log::warning(
          "{}: column 1 has no name in the header; it is taken as the names of the rows and left out",
          file_.path.string());
    if (!is_header) read_sample(first_);
  }

  bool has_header(const std::vector<std::string>& words, const std::vector<std::string>& second) const {
    if (file_.header) return *file_.header;
    const std::string& wanted = file_.label_column;
    std::optional<std::int64_t> label = std::ssize(words) - 1;
    if (!wanted.empty() && std::find(words.begin(), words.end(), wanted) != words.end()) label = std::nullopt;
    if (const auto number = number_of_column(wanted, std::ssize(words))) label = *number - 1;
    const FirstLine guess = guess_header(words, second, label);
    const bool is_header = guess == FirstLine::header || guess == FirstLine::header_by_guess;
    if (guess == FirstLine::header_by_guess || guess == FirstLine::sample_by_guess)
      core::log::warning(
          "{}: the first line may be a header or a sample; it is taken as a {}; "
          "problem.header = true or false says which",
          file_.path.string(), is_header ? "header" : "sample");
    return is_header;
  }

  /// Throws if the header has an empty field or a number that is not whole: such a line is probably a sample
  /// with a typing error. Allows any number if the user states that the file has a header.
  void check_names(const std::vector<std::string>& words) const {
    for (auto i = static_cast<std::size_t>(skipped_); i < words.size(); ++i) {
      const bool is_wrong_number = to_real(words[i]) && !is_whole_number(words[i]) && !file_.header;
      if (words[i].empty() || is_wrong_number)
        sink_.fail(fmt::format("{} in column {} of the first line", in_quotes(words[i]), i + 1),
                   "only finite numbers, and texts in the labels' column (problem.label_column), or a header "
                   "that names every column");
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
    const auto number = number_of_column(wanted, columns_);
    if (!number)
      sink_.fail(fmt::format("no column {} for the labels (problem.label_column)", in_quotes(wanted)),
                 fmt::format("{}a number from 1 to {}", names_.empty() ? "" : "a name of the header, or ",
                             columns_));
    return *number - 1;
  }

  void read_sample(std::string_view line) {
    Fields fields(line, sink_);
    double label = 0.0;
    while (const auto field = fields.next()) {
      const std::int64_t column = fields.number() - 1;
      // Skip the names of rows. Surplus fields are only counted, for the message below.
      if (column >= columns_ || column < skipped_) continue;
      if (column == label_) {
        label = labels_.read(*field, name_of(fields.number()));
        continue;
      }
      const auto value = to_real(*field);
      if (!value)
        sink_.fail(
            fmt::format("{} in {}", field->empty() ? "nothing" : in_quotes(*field), name_of(fields.number())),
            "a finite number");
      sink_.add(feature_of(column), *value);
    }
    if (fields.number() != columns_)
      sink_.fail(core::counted(fields.number(), "column"),
                 fmt::format("{} as in line {}", columns_, first_line_));
    sink_.end(label, columns_ - 1 - skipped_);
  }

  std::int64_t feature_of(std::int64_t column) const { return column - skipped_ - (column > label_ ? 1 : 0); }
  std::int64_t column_of(std::int64_t feature) const {
    const std::int64_t column = feature + skipped_;
    return column + (column < label_ ? 0 : 1);
  }

  /// Returns the name of a column for messages. @param number number of the column, from 1
  std::string name_of(std::int64_t number) const {
    return names_.empty() ? fmt::format("column {}", number)
                          : fmt::format("column {} ({})", number, in_quotes(names_[number - 1]));
  }

  const DataFile& file_;
  RowSink sink_;
  TextLabels labels_;
  std::string first_;               ///< the first line that is not blank
  std::vector<std::string> names_;  ///< names of the columns; empty if the file has no header
  std::int64_t columns_ = 0;
  std::int64_t label_ = 0;    ///< index of the label's column, from 0
  std::int64_t skipped_ = 0;  ///< number of columns at the beginning that are left out: 0 or 1
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
