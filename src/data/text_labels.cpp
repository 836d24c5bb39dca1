#include "text_labels.hpp"

#include "rhosweep/data/file_data.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include <fmt/format.h>

namespace rhosweep::data {

bool is_no_value(std::string_view word) {
  constexpr std::array words{"nan", "na", "n/a", "null", "none", "inf", "-inf", "+inf", "?", "-"};
  std::string lower(word);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return std::find(words.begin(), words.end(), lower) != words.end();
}

double TextLabels::read(std::string_view word, const std::string& column) {
  const auto number = to_real(word);
  const auto fail = [&](const char* allowed) {
    sink_.fail(fmt::format("{} in {}", word.empty() ? "nothing" : in_quotes(word), column), allowed);
  };
  if (number && numbers_.empty()) {
    has_numbers_ = true;
    return *number;
  }
  if (number) fail("a text, like the labels before it");
  if (has_numbers_) fail("a finite number, like the labels before it");
  if (word.empty() || is_no_value(word)) fail("a finite number or the name of a class");
  if (!file_.allows_text_labels)
    fail("a finite number; for classes, use a kind of problem that classifies, such as logistic_regression");
  const auto next = static_cast<std::int64_t>(numbers_.size());
  const auto [entry, is_new] = numbers_.try_emplace(std::string(word), next);
  if (is_new && numbers_.size() > FileData::most_classes)
    sink_.fail_file(fmt::format("more than {} different labels", FileData::most_classes),
                    fmt::format("2 to {} classes", FileData::most_classes));
  return static_cast<double>(entry->second);
}

void TextLabels::finish(FileRows& rows) const {
  if (numbers_.empty()) return;
  std::vector<double> places(numbers_.size());
  for (const auto& [text, number] : numbers_) {  // sorted by text
    places[number] = static_cast<double>(rows.label_names.size());
    rows.label_names.push_back(text);
  }
  for (auto* part : {&rows.rows, &rows.held_out})
    for (double& label : part->labels) label = places[static_cast<std::size_t>(label)];
}

}  // namespace rhosweep::data
