#include "row_sink.hpp"
#include "text_labels.hpp"
#include "text_lines.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace rhosweep::data {

namespace {

std::optional<std::int32_t> to_index(std::string_view text) {
  std::int32_t index = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), index);
  if (error != std::errc() || end != text.data() + text.size() || index < 1) return std::nullopt;
  return index;
}

/// Removes the next word from the front of a line and returns it.
std::string_view next_word(std::string_view& line) {
  constexpr std::string_view space = " \t\r";
  line.remove_prefix(std::min(line.find_first_not_of(space), line.size()));
  const std::string_view word = line.substr(0, line.find_first_of(space));
  line.remove_prefix(word.size());
  return word;
}

/// Reads the samples line by line and passes them to the sink.
class LineReader {
 public:
  explicit LineReader(RowSink& sink) : sink_(sink) {}

  void read(std::string_view line, std::int64_t number) {
    line = line.substr(0, line.find('#'));
    const std::string_view word = next_word(line);
    if (word.empty()) return;
    sink_.begin(number);
    const double label = read_label(word);
    std::int32_t previous = 0;
    for (auto pair = next_word(line); !pair.empty(); pair = next_word(line))
      previous = read_feature(pair, previous);
    sink_.end(label, previous);
  }

 private:
  double read_label(std::string_view word) const {
    if (word.find(':') != std::string_view::npos)
      sink_.fail(in_quotes(word) + " and no label before it",
                 "a label first, then INDEX:VALUE pairs, as in \"-1 1:0.5 3:2\"");
    const auto label = to_real(word);
    if (!label) {
      const bool has_letter = (word[0] >= 'a' && word[0] <= 'z') || (word[0] >= 'A' && word[0] <= 'Z');
      const bool is_name = has_letter && !is_no_value(word);
      sink_.fail("the label " + in_quotes(word),
                 is_name ? fmt::format("a finite number; {}", how_to_number_classes) : "a finite number");
    }
    return *label;
  }

  /// Reads a word INDEX:VALUE and adds the value to the sample. @return the index
  std::int32_t read_feature(std::string_view word, std::int32_t previous) {
    const std::size_t colon = word.find(':');
    if (colon == std::string_view::npos) sink_.fail(in_quotes(word), "INDEX:VALUE pairs after the label");
    const auto index = to_index(word.substr(0, colon));
    if (!index && word.starts_with("0:"))
      sink_.fail("the index 0: this file counts features from 0",
                 "LIBSVM's indices from 1; add 1 to every index (scikit-learn: dump_svmlight_file(..., "
                 "zero_based=False))");
    if (!index)
      sink_.fail("the index " + in_quotes(word.substr(0, colon)), "an integer from 1 to 2147483647");
    if (*index <= previous)
      sink_.fail(fmt::format("the index {} after {}", *index, previous),
                 "indices that increase within a line");
    const auto value = to_real(word.substr(colon + 1));
    if (!value)
      sink_.fail(fmt::format("the value {} of index {}", in_quotes(word.substr(colon + 1)), *index),
                 "a finite number");
    sink_.add(*index - 1, *value);
    return *index;
  }

  RowSink& sink_;
};

}  // namespace

FileRows read_libsvm(const DataFile& file, model::Precision precision, const std::optional<Split>& split) {
  RowSink sink(file, precision, split,
               [](std::int64_t column) { return fmt::format("index {}", column + 1); });
  LineReader reader(sink);
  TextLines lines(file.path);
  while (const auto line = lines.next()) reader.read(*line, lines.number());
  if (sink.samples() == 0) sink.fail_file("no samples", "at least one line LABEL INDEX:VALUE ...");
  if (sink.features() == 0) sink.fail_file("no features", "at least one INDEX:VALUE");
  return std::move(sink).finish();
}

}  // namespace rhosweep::data
