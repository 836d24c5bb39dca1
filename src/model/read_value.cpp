#include "read_value.hpp"

#include "geometric.hpp"
#include "read_metrics.hpp"
#include "suggest_key.hpp"

#include "rhosweep/core/text.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <optional>
#include <set>
#include <utility>

#include <fmt/format.h>

namespace rhosweep::model {

namespace {

/// Allowed number of values along one dimension of the grid. Only ranges are checked, since the limit on the
/// file's size keeps lists shorter.
constexpr Range number_of_values{.lower = 1.0, .upper = 1e7};

std::optional<double> to_real(const Value& value) {
  if (const auto* real = std::get_if<double>(&value)) return *real;
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return static_cast<double>(*integer);
  return std::nullopt;
}

bool has_nul(const std::string& text) {
  return text.find('\0') != std::string::npos;
}

/// Returns a note for a message if the node is or contains a text with the character NUL, otherwise an empty
/// text.
std::string nul_text(const Node& node) {
  const auto* const text = node.value() != nullptr ? std::get_if<std::string>(node.value()) : nullptr;
  bool is_found = text != nullptr && has_nul(*text);
  for (const Node& item : node.list() != nullptr ? *node.list() : List())
    is_found = is_found || !nul_text(item).empty();
  return is_found ? " without the character NUL (\\u0000)" : "";
}

/// Reads a list of at least one text. Returns nullopt if the node is anything else or if a text contains NUL,
/// at which C functions would cut the text.
std::optional<Value> match_texts(const Node& node) {
  std::vector<std::string> texts;
  for (const Node& item : node.list() != nullptr ? *node.list() : List()) {
    const auto* text = item.value() != nullptr ? std::get_if<std::string>(item.value()) : nullptr;
    if (text == nullptr || has_nul(*text)) return std::nullopt;
    texts.push_back(*text);
  }
  return texts.empty() ? std::nullopt : std::optional<Value>(std::move(texts));
}

/// Reads a list of at least one allowed integer; nullopt if the node is anything else.
std::optional<Value> match_integers(const Node& node, const KeySpec& spec) {
  std::vector<std::int64_t> numbers;
  for (const Node& item : node.list() != nullptr ? *node.list() : List()) {
    const auto* number = item.value() != nullptr ? std::get_if<std::int64_t>(item.value()) : nullptr;
    if (number == nullptr || !spec.range.contains(static_cast<double>(*number))) return std::nullopt;
    numbers.push_back(*number);
  }
  return numbers.empty() ? std::nullopt : std::optional<Value>(std::move(numbers));
}

/// Converts the node's value to the type of the key; nullopt if the key does not allow it.
std::optional<Value> match(const Node& node, const KeySpec& spec) {
  if (spec.type == ValueType::texts) return match_texts(node);
  if (spec.type == ValueType::integers) return match_integers(node, spec);
  const Value* const value = node.value();
  if (value == nullptr) return std::nullopt;
  switch (spec.type) {
    case ValueType::boolean:
      return std::holds_alternative<bool>(*value) ? std::optional(*value) : std::nullopt;
    case ValueType::integer:
      if (!std::holds_alternative<std::int64_t>(*value) || !spec.range.contains(*to_real(*value)))
        return std::nullopt;
      return *value;
    case ValueType::real: {
      const auto real = to_real(*value);
      return real && spec.range.contains(*real) ? std::optional<Value>(*real) : std::nullopt;
    }
    case ValueType::text:
    case ValueType::path: {
      const auto* text = std::get_if<std::string>(value);
      const bool is_choice =
          text != nullptr && (spec.choices.empty() || std::find(spec.choices.begin(), spec.choices.end(),
                                                                *text) != spec.choices.end());
      // C functions would cut the text at a NUL.
      const bool is_whole = is_choice && !has_nul(*text);
      return is_whole ? std::optional(*value) : std::nullopt;
    }
    case ValueType::texts:
    case ValueType::integers:
    case ValueType::metrics:
      break;
  }
  return std::nullopt;
}

/// Reads one number of a list. @param forms other ways to give several numbers; added to the message if the
/// node is not a number
template <class Number>
Number read_item(const Node& node, const std::string& key, const KeySpec& spec, const char* forms) {
  const auto value = match(node, spec);
  const bool is_number = node.value() != nullptr && to_real(*node.value());
  if (!value) fail_found(node, key, spec.allowed_numbers() + (is_number ? "" : forms));
  return std::get<Number>(*value);
}

template <class Number>
std::string list_of(const std::vector<Number>& values) {
  std::string text;
  for (const Number value : values) text += (text.empty() ? "[" : ", ") + to_toml(Value{value});
  return text + "]";
}

/// The least number of values that is written as a range. Fewer values are written as a list.
constexpr std::int64_t fewest_of_range = 3;

/// Writes consecutive integers as a range, so that a list and a range of the same values have one text.
std::string toml_of(const std::vector<std::int64_t>& values) {
  bool is_range = std::ssize(values) >= fewest_of_range;
  for (std::size_t i = 1; i < values.size() && is_range; ++i) is_range = values[i] - 1 == values[i - 1];
  return is_range ? fmt::format("{{ from = {}, count = {} }}", values.front(), values.size())
                  : list_of(values);
}

/// Writes numbers in geometric sequence as a range, so that a list and a range of the same values have one
/// text.
std::string toml_of(const std::vector<double>& values) {
  const bool is_range =
      std::ssize(values) >= fewest_of_range && values.front() > 0.0 &&
      std::adjacent_find(values.begin(), values.end(), std::greater_equal<>()) == values.end() &&
      values == geometric(values.front(), values.back(), std::ssize(values));
  return is_range ? fmt::format("{{ from = {}, to = {}, points = {} }}", to_toml(Value{values.front()}),
                                to_toml(Value{values.back()}), values.size())
                  : list_of(values);
}

/// Reads a single number or a list of numbers.
template <class Number>
Values<Number> read_list(const Node& node, const std::string& key, const KeySpec& spec, const char* forms) {
  Values<Number> values;
  if (const List* list = node.list()) {
    if (list->empty()) fail_found(node, key, "at least one of " + spec.allowed_numbers());
    std::set<Number> seen;
    for (const Node& item : *list) {
      values.list.push_back(read_item<Number>(item, key, spec, ""));
      if (!seen.insert(values.list.back()).second)
        fail_found(item.where, key, describe(item) + " twice", "each number once");
    }
  } else {
    values.list.push_back(read_item<Number>(node, key, spec, forms));
  }
  values.toml = toml_of(values.list);
  return values;
}

/// Reads a required entry of a range.
template <class Number>
Number read_entry(const Node& node, const std::string& key, const KeySpec& spec) {
  const std::string entry_key = key + "." + spec.name;
  const Node* const entry = node.table()->find(spec.name);
  if (entry == nullptr) fail_found(node.where, entry_key, "nothing", spec.allowed());
  return std::get<Number>(read_value(*entry, entry_key, spec));
}

/// Returns the keys that can set the spacing of a geometric range. A range must have exactly one of these
/// keys.
std::vector<std::string> fineness(bool has_regret) {
  std::vector<std::string> keys{"points", "ratio", "per_decade"};
  if (has_regret) keys.emplace_back("regret");
  return keys;
}

/// Describes the forms of a range for messages.
std::string forms_of(std::vector<std::string> names) {
  for (std::string& name : names) name = fmt::format("{{from, to, {}}}", name);
  return " as a list or as " + core::either(names);
}

/// Returns the key that sets the spacing of the range. Throws unless the range has exactly one such key.
/// @param names the keys that fineness() returns
std::string read_fineness(const Node& node, const std::string& key, const std::vector<std::string>& names) {
  std::string found;
  for (const std::string& name : names) {
    if (node.table()->find(name) == nullptr) continue;
    if (!found.empty()) fail_found(node, key, fmt::format("only one of {}", fmt::join(names, ", ")));
    found = name;
  }
  if (found.empty()) fail_found(node, key, fmt::format("from, to and {}", core::either(names)));
  return found;
}

std::vector<double> read_points(const Node& node, const std::string& key, double from, double to) {
  const auto points = read_entry<std::int64_t>(
      node, key, {.name = "points", .type = ValueType::integer, .range = number_of_values});
  if (from == to && points == 1) return {from};
  if (from < to && points >= 2) return geometric(from, to, points);
  fail_found(node, key, "from < to with at least 2 points, or from = to with 1 point");
}

std::vector<double> read_steps(const Node& node, const std::string& key, const std::string& fineness,
                               double from, double to,
                               const std::function<std::int64_t(const Node&)>& per_decade) {
  double base = 10.0;
  std::int64_t parts = 1;
  if (fineness == "ratio")
    base = read_entry<double>(node, key, {.name = fineness, .range = {.lower = 1.0, .lower_open = true}});
  else if (fineness == "regret")
    parts = per_decade(*node.table()->find(fineness));
  else
    parts = read_entry<std::int64_t>(
        node, key, {.name = fineness, .type = ValueType::integer, .range = number_of_values});
  auto values = geometric_steps(from, to, base, parts, static_cast<std::int64_t>(number_of_values.upper));
  if (!values) fail_found(node, key, fmt::format("at most {:.0f} values", number_of_values.upper));
  return std::move(*values);
}

/// Reads { from, count }.
std::vector<std::int64_t> read_sequence(const Node& node, const std::string& key, const KeySpec& spec) {
  const auto from =
      read_entry<std::int64_t>(node, key, {.name = "from", .type = ValueType::integer, .range = spec.range});
  const auto count = read_entry<std::int64_t>(
      node, key, {.name = "count", .type = ValueType::integer, .range = number_of_values});
  if (from > std::numeric_limits<std::int64_t>::max() - (count - 1) ||
      !spec.range.contains(static_cast<double>(from + (count - 1))))
    fail_found(node, key, spec.allowed_numbers());
  std::vector<std::int64_t> values;
  values.reserve(count);
  for (std::int64_t i = 0; i < count; ++i) values.push_back(from + i);
  return values;
}

/// Reads { from, to, ratio } of integers.
std::vector<std::int64_t> read_powers(const Node& node, const std::string& key, const KeySpec& spec) {
  Range range = spec.range;
  range.lower = std::max(range.lower, 1.0);
  const auto from =
      read_entry<std::int64_t>(node, key, {.name = "from", .type = ValueType::integer, .range = range});
  range.lower = static_cast<double>(from);
  const auto to =
      read_entry<std::int64_t>(node, key, {.name = "to", .type = ValueType::integer, .range = range});
  const auto ratio = read_entry<std::int64_t>(
      node, key, {.name = "ratio", .type = ValueType::integer, .range = {.lower = 2.0}});
  if (to < from) fail_found(node, key, "from <= to");  // possible if from and to round to the same double
  std::vector<std::int64_t> values{from};
  while (values.back() <= to / ratio) values.push_back(values.back() * ratio);
  return values;
}

}  // namespace

Value read_value(const Node& node, const std::string& key, const KeySpec& spec) {
  if (spec.type == ValueType::metrics) return read_metrics(node, key);
  const auto value = match(node, spec);
  if (value) return *value;
  const auto* text = node.value() != nullptr ? std::get_if<std::string>(node.value()) : nullptr;
  const std::string hint = text != nullptr ? core::hint(*text, spec.choices) : "";
  fail_found(node.where, key, describe(node) + hint, spec.allowed() + nul_text(node));
}

Values<std::int64_t> read_integers(const Node& node, const std::string& key, const KeySpec& spec,
                                   IntegerRanges ranges) {
  const bool has_both = ranges == IntegerRanges::counted_or_geometric;
  if (node.table() == nullptr)
    return read_list<std::int64_t>(
        node, key, spec,
        has_both ? " as a list or as {from, count} or {from, to, ratio}" : " as a list or as {from, count}");
  const bool is_geometric = has_both && node.table()->find("ratio") != nullptr;
  const std::vector<std::string> keys = is_geometric ? std::vector<std::string>{"from", "to", "ratio"}
                                                     : std::vector<std::string>{"from", "count"};
  read_table(node, key, keys);
  Values<std::int64_t> values;
  values.list = is_geometric ? read_powers(node, key, spec) : read_sequence(node, key, spec);
  values.toml = toml_of(values.list);
  return values;
}

Values<double> read_reals(const Node& node, const std::string& key, const KeySpec& spec,
                          const std::function<std::int64_t(const Node&)>& per_decade) {
  const std::vector<std::string> names = fineness(static_cast<bool>(per_decade));
  if (node.table() == nullptr) return read_list<double>(node, key, spec, forms_of(names).c_str());
  std::vector<std::string> keys{"from", "to"};
  keys.insert(keys.end(), names.begin(), names.end());
  read_table(node, key, keys);
  Range range = spec.range;
  if (range.lower <= 0.0) {
    range.lower = 0.0;
    range.lower_open = true;
  }
  const auto from = read_entry<double>(node, key, {.name = "from", .range = range});
  range.lower = from;
  range.lower_open = false;
  const auto to = read_entry<double>(node, key, {.name = "to", .range = range});
  const std::string fine = read_fineness(node, key, names);
  Values<double> values;
  values.list =
      fine == "points" ? read_points(node, key, from, to) : read_steps(node, key, fine, from, to, per_decade);
  const auto stuck = std::adjacent_find(values.list.begin(), values.list.end(), std::greater_equal<>());
  if (stuck != values.list.end())
    fail_found(node, key, "fewer points, since some of these are equal after rounding");
  values.toml = toml_of(values.list);
  return values;
}

const Table& read_table(const Node& node, std::string_view key, std::span<const std::string> keys) {
  const Table* const table = node.table();
  const std::string list = fmt::format("{}", fmt::join(keys, ", "));
  if (table == nullptr) fail_found(node, key, fmt::format("a table with the keys {}", list));
  for (const Entry& entry : table->entries) {
    if (std::find(keys.begin(), keys.end(), entry.key) != keys.end()) continue;
    const std::string name = core::one_line(key_text(entry.key), 80);
    fail(entry.value.where, key.empty() ? name : fmt::format("{}.{}", key, name),
         fmt::format("unknown key{}; allowed: {}", suggest_key(std::string(key), entry.key, keys), list));
  }
  return *table;
}

}  // namespace rhosweep::model
