#include "rhosweep/problem/libsvm_reader.hpp"

#include "text_lines.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/core/memory.hpp"
#include "rhosweep/core/text.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace rhosweep::problem {

namespace {

using core::InputError;

[[noreturn]] void fail(const std::filesystem::path& file, std::int64_t line, const std::string& found,
                       const std::string& allowed) {
  throw InputError(fmt::format("{}:{}: found {}; allowed: {}", file.string(), line, found, allowed));
}

/// A finite number that fills the whole text, perhaps with a plus sign.
std::optional<double> to_real(std::string_view text) {
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  double value = 0.0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

std::optional<std::int32_t> to_index(std::string_view text) {
  std::int32_t index = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), index);
  if (error != std::errc() || end != text.data() + text.size() || index < 1) return std::nullopt;
  return index;
}

/// Takes the next word off the front of a line.
std::string_view next_word(std::string_view& line) {
  constexpr std::string_view space = " \t\r";
  line.remove_prefix(std::min(line.find_first_not_of(space), line.size()));
  const std::string_view word = line.substr(0, line.find_first_of(space));
  line.remove_prefix(word.size());
  return word;
}

/// A word of the file in a message; a binary file is not poured out.
std::string quoted(std::string_view word) {
  std::string text = "\"";
  for (const char c : word.substr(0, 40)) text += c < ' ' || c > '~' ? '?' : c;
  return text + (word.size() > 40 ? "...\"" : "\"");
}

/// Adds what a line holds, if it holds a sample, to the rows.
class LineReader {
 public:
  LineReader(const std::filesystem::path& file, model::Precision precision)
      : file_(file), precision_(precision) {
    rows_.values = Numbers(precision);
  }

  void read(std::string_view line, std::int64_t number) {
    line_ = number;
    line = line.substr(0, line.find('#'));
    const std::string_view label = next_word(line);
    if (label.empty()) return;
    read_label(label);
    std::int32_t previous = 0;
    for (auto word = next_word(line); !word.empty(); word = next_word(line))
      previous = read_feature(word, previous);
    rows_.features = std::max<std::int64_t>(rows_.features, previous);
    rows_.offsets.push_back(static_cast<std::int64_t>(rows_.values.size()));
    rows_.lines.push_back(line_);
  }

  Dataset::Rows finish() && {
    if (rows_.labels.empty())
      throw InputError(file_.string() +
                       ": found no samples; allowed: at least one line LABEL INDEX:VALUE ...");
    if (rows_.features == 0)
      throw InputError(file_.string() + ": found no features; allowed: at least one INDEX:VALUE");
    return std::move(rows_);
  }

 private:
  void read_label(std::string_view word) {
    if (word.find(':') != std::string_view::npos)
      fail(file_, line_, quoted(word) + " and no label before it",
           "a label first, then INDEX:VALUE pairs, as in \"-1 1:0.5 3:2\"");
    const auto label = to_real(word);
    if (!label) fail(file_, line_, "the label " + quoted(word), "a finite number");
    rows_.labels.push_back(*label);
  }

  /// @return its index
  std::int32_t read_feature(std::string_view word, std::int32_t previous) {
    const std::size_t colon = word.find(':');
    if (colon == std::string_view::npos)
      fail(file_, line_, quoted(word), "INDEX:VALUE pairs after the label");
    const auto index = to_index(word.substr(0, colon));
    if (!index)
      fail(file_, line_, "the index " + quoted(word.substr(0, colon)), "an integer from 1 to 2147483647");
    if (*index <= previous)
      fail(file_, line_, fmt::format("the index {} after {}", *index, previous),
           "indices that increase within a line");
    const auto value = to_real(word.substr(colon + 1));
    if (!value)
      fail(file_, line_, fmt::format("the value {} of index {}", quoted(word.substr(colon + 1)), *index),
           "a finite number");
    check_range(*value);
    if (*value != 0.0) {
      if (const std::int64_t bytes = rows_.values.growth() + rows_.columns.growth(); bytes > 0)
        core::require_memory(bytes, fmt::format("reading {} beyond line {}", file_.string(), line_));
      rows_.columns.push_back(*index - 1);
      rows_.values.push_back(*value);
    }
    return *index;
  }

  /// Refuses values whose squares (in norms and Hessians) would overflow the precision.
  void check_range(double value) const {
    const bool is_double = precision_ == model::Precision::float64;
    const double largest = is_double ? 1e150 : 1e18;
    if (std::abs(value) > largest)
      fail(file_, line_, "the value " + core::to_text(value),
           fmt::format("numbers up to {} with precision {}", largest, is_double ? "float64" : "float32"));
  }

  const std::filesystem::path& file_;
  model::Precision precision_;
  std::int64_t line_ = 0;
  Dataset::Rows rows_;
};

std::array<double, 2> find_classes(const Dataset::Rows& rows, const std::filesystem::path& file) {
  constexpr std::size_t shown = 5;
  std::vector<double> labels;  // the first few distinct ones
  for (const double label : rows.labels) {
    if (std::find(labels.begin(), labels.end(), label) == labels.end()) labels.push_back(label);
    if (labels.size() > shown) break;
  }
  std::sort(labels.begin(), labels.end());
  if (labels.size() == 2) return {labels[0], labels[1]};
  std::string found;
  for (std::size_t i = 0; i < std::min(labels.size(), shown); ++i)
    found += (i > 0 ? ", " : "") + core::to_text(labels[i]);
  throw InputError(fmt::format("{}: found the label{} {}{}; allowed: exactly two different labels",
                               file.string(), labels.size() == 1 ? "" : "s", found,
                               labels.size() > shown ? ", ..." : ""));
}

/// Labels −1 and +1 in place of the file's own.
void map_labels(Dataset::Rows& rows) {
  for (double& label : rows.labels) label = label == rows.classes[0] ? -1.0 : 1.0;
}

}  // namespace

Dataset::Rows read_libsvm(const std::filesystem::path& file, model::Precision precision) {
  TextLines lines(file);
  LineReader reader(file, precision);
  while (const auto line = lines.next()) reader.read(*line, lines.number());
  return std::move(reader).finish();
}

Dataset read_two_class(const std::filesystem::path& file, model::Precision precision) {
  Dataset::Rows rows = read_libsvm(file, precision);
  rows.classes = find_classes(rows, file);
  map_labels(rows);
  return Dataset::from_rows(std::move(rows), precision);
}

Dataset read_held_out(const std::filesystem::path& file, const Dataset& train) {
  Dataset::Rows rows = read_libsvm(file, train.precision());
  const auto [negative, positive] = train.classes();
  for (std::size_t i = 0; i < rows.labels.size(); ++i) {
    const auto last = rows.offsets[i + 1];
    if (rows.labels[i] != negative && rows.labels[i] != positive)
      fail(file, rows.lines[i], "the label " + core::to_text(rows.labels[i]),
           fmt::format("{} or {}, as in the training data", negative, positive));
    if (last > rows.offsets[i] && rows.columns[last - 1] >= train.features())
      fail(file, rows.lines[i], fmt::format("the index {}", rows.columns[last - 1] + 1),
           fmt::format("indices up to {}, as in the training data", train.features()));
  }
  rows.classes = train.classes();
  rows.features = train.features();
  map_labels(rows);
  return Dataset::from_rows(std::move(rows), train.precision());
}

}  // namespace rhosweep::problem
