#include "csv_fields.hpp"

#include "rhosweep/core/text.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace rhosweep::data {

namespace {

/// Returns whether the fields from `begin` on, except `left_out`, are consecutive whole numbers from `from`.
bool counts_up(const std::vector<std::string>& fields, std::size_t begin,
               std::optional<std::int64_t> left_out, std::int64_t from) {
  for (std::size_t i = begin; i < fields.size(); ++i)
    if (static_cast<std::int64_t>(i) != left_out && fields[i] != fmt::format("{}", from++)) return false;
  return true;
}

bool counts_up(const std::vector<std::string>& fields, std::optional<std::int64_t> left_out) {
  return counts_up(fields, 0, left_out, 0) || counts_up(fields, 0, left_out, 1);
}

}  // namespace

std::optional<std::string_view> Fields::next() {
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

std::string_view Fields::quoted_field() {
  unquoted_.clear();
  for (bool is_open = true; is_open;) {
    const std::size_t quote = rest_.find('"');
    if (quote == std::string_view::npos)
      sink_.fail(fmt::format("a quote in column {} that is not closed", number_), "quotes within one line");
    unquoted_ += rest_.substr(0, quote);
    rest_.remove_prefix(quote + 1);
    is_open = rest_.starts_with('"');  // a doubled quote stands for one quote
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

void Fields::pass(std::size_t comma) {
  is_at_end_ = comma == std::string_view::npos;
  if (!is_at_end_) rest_.remove_prefix(comma + 1);
}

std::vector<std::string> split_fields(std::string_view line, const RowSink& sink) {
  std::vector<std::string> words;
  Fields fields(line, sink);
  while (const auto field = fields.next()) words.emplace_back(*field);
  return words;
}

bool is_whole_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

bool has_row_names(const std::vector<std::string>& header) {
  if (!header.front().empty()) return false;
  const bool has_texts = std::any_of(header.begin() + 1, header.end(),
                                     [](const auto& word) { return !word.empty() && !to_real(word); });
  return has_texts || counts_up(header, 1, std::nullopt, 0);
}

FirstLine guess_header(const std::vector<std::string>& first, const std::vector<std::string>& second,
                       std::optional<std::int64_t> label) {
  if (!label) return FirstLine::header;
  const auto texts =
      std::count_if(first.begin(), first.end(), [](const auto& word) { return !to_real(word); });
  if (texts == 0) {
    // pandas writes the header 0, 1, 2, … for columns without names, so numbers that count up are probably a
    // header, although a sample could look the same.
    if (first.size() > 2)
      return counts_up(first, std::nullopt) ? FirstLine::header_by_guess : FirstLine::sample;
    return counts_up(first, 0, std::nullopt, 0) ? FirstLine::sample_by_guess : FirstLine::sample;
  }
  const auto index = static_cast<std::size_t>(*label);
  const bool is_text_label =
      texts == 1 && index < first.size() && !first[index].empty() && !to_real(first[index]);
  if (!is_text_label) return FirstLine::header;
  const bool has_text_below = index < second.size() && !to_real(second[index]);
  if (!second.empty() && !has_text_below) return FirstLine::header;
  if (first.size() > 2 && counts_up(first, label)) return FirstLine::header_by_guess;
  const bool are_whole = std::all_of(first.begin(), first.end(), [&](const std::string& word) {
    return &word == &first[index] || is_whole_number(word);
  });
  return are_whole ? FirstLine::sample_by_guess : FirstLine::sample;
}

}  // namespace rhosweep::data
