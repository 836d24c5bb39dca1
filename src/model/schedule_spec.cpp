#include "schedule_spec.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/core/text.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

namespace rhosweep::model {

namespace {

constexpr int deepest_nesting = 16;

[[noreturn]] void fail_syntax(std::string_view spec, const std::string& complaint) {
  throw core::InputError(fmt::format("schedule {}: {}; allowed: name or name(argument, key=argument, ...)",
                                     shown(spec), complaint));
}

/// Splits text at the commas outside all brackets.
std::vector<std::string_view> split_outermost(std::string_view spec, std::string_view text) {
  std::vector<std::string_view> parts;
  std::string open;
  std::size_t start = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '(' || c == '[') {
      open += c == '(' ? ')' : ']';
      if (open.size() > deepest_nesting) fail_syntax(spec, "brackets nested too deeply");
    } else if (c == ')' || c == ']') {
      if (open.empty() || open.back() != c) fail_syntax(spec, fmt::format("unexpected '{}'", c));
      open.pop_back();
    } else if (c == ',' && open.empty()) {
      parts.push_back(text.substr(start, i - start));
      start = i + 1;
    }
  }
  if (!open.empty()) fail_syntax(spec, fmt::format("missing '{}'", open.back()));
  parts.push_back(text.substr(start));
  return parts;
}

}  // namespace

std::string shown(std::string_view text) {
  return text.empty() ? "''" : core::one_line(text, 80);
}

SpecCall parse_spec_call(std::string_view spec) {
  spec = core::trim(spec);
  SpecCall call;
  call.spec = spec;
  const auto bracket = spec.find('(');
  const std::string_view name = core::trim(spec.substr(0, bracket));
  if (!core::is_identifier(name)) fail_syntax(spec, "no name of a schedule");
  call.name = name;
  if (bracket == std::string_view::npos) return call;
  if (spec.back() != ')') fail_syntax(spec, "missing ')' at the end");

  const std::string_view inside = spec.substr(bracket + 1, spec.size() - bracket - 2);
  if (core::trim(inside).empty()) return call;
  for (const std::string_view part : split_outermost(spec, inside)) {
    const auto equals = part.substr(0, part.find_first_of("([")).find('=');
    const bool named = equals != std::string_view::npos;
    const std::string_view key = named ? core::trim(part.substr(0, equals)) : std::string_view{};
    const std::string_view value = core::trim(named ? part.substr(equals + 1) : part);
    if ((named && key.empty()) || value.empty()) fail_syntax(spec, "an empty argument");
    if (named && !core::is_identifier(key)) fail_syntax(spec, "no name of an argument before '='");
    call.arguments.emplace_back(key, value);
  }
  return call;
}

SpecArguments::SpecArguments(const SpecCall& call, const std::vector<std::string>& parameters,
                             std::string usage)
    : spec_(call.spec), usage_(std::move(usage)) {
  std::size_t position = 0;
  bool named_seen = false;
  for (const auto& [key, value] : call.arguments) {
    std::string parameter = key;
    if (key.empty()) {
      if (position >= parameters.size() || named_seen)
        fail(value, named_seen ? "a positional argument after a named one" : "one argument too many", usage_);
      parameter = parameters[position++];
    } else {
      named_seen = true;
    }
    if (std::find(parameters.begin(), parameters.end(), parameter) == parameters.end())
      fail(parameter, "no such parameter", usage_);
    if (!values_.emplace(parameter, value).second) fail(parameter, "given twice", "each parameter once");
  }
}

const std::string* SpecArguments::find(const std::string& parameter) const {
  const auto found = values_.find(parameter);
  return found == values_.end() ? nullptr : &found->second;
}

void SpecArguments::fail(const std::string& parameter, const std::string& found,
                         const std::string& allowed) const {
  throw core::InputError(
      fmt::format("schedule {}: {}: {}; allowed: {}", shown(spec_), shown(parameter), found, allowed));
}

double SpecArguments::to_number(const std::string& parameter, std::string_view text,
                                const KeySpec& allowed) const {
  double value = 0.0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = allowed.type != ValueType::integer || value == std::floor(value);
  if (error != std::errc{} || end != text.data() + text.size() || !allowed.range.contains(value) || !whole)
    fail(parameter, fmt::format("found {}", shown(text)), allowed.allowed());
  return value + 0.0;  // -0 is 0
}

double SpecArguments::number(const std::string& parameter, const Range& range,
                             std::optional<double> fallback) const {
  const std::string* text = find(parameter);
  const KeySpec spec{.name = parameter, .type = ValueType::real, .range = range};
  if (text != nullptr) return to_number(parameter, *text, spec);
  if (!fallback) fail(parameter, "missing", usage_);
  return *fallback;
}

std::int64_t SpecArguments::integer(const std::string& parameter, const Range& range,
                                    std::optional<std::int64_t> fallback) const {
  if (fallback && find(parameter) == nullptr) return *fallback;
  constexpr double largest = 1e15;
  const Range bounded{.lower = range.lower, .upper = std::min(range.upper, largest)};
  const KeySpec spec{.name = parameter, .type = ValueType::integer, .range = bounded};
  return static_cast<std::int64_t>(to_number(parameter, text(parameter), spec));
}

std::vector<double> SpecArguments::numbers(const std::string& parameter, const Range& range) const {
  const std::string_view list = text(parameter);
  const KeySpec spec{.name = parameter, .type = ValueType::real, .range = range};
  if (list.size() < 2 || list.front() != '[' || list.back() != ']')
    fail(parameter, fmt::format("found {}", shown(list)), "a list [a, b, ...]");
  std::vector<double> values;
  for (const std::string_view part : split_outermost(spec_, list.substr(1, list.size() - 2)))
    values.push_back(to_number(parameter, core::trim(part), spec));
  return values;
}

std::size_t SpecArguments::choice(const std::string& parameter, const std::vector<std::string>& words,
                                  const std::string& fallback) const {
  const std::string* given = find(parameter);
  const std::string& word = given != nullptr ? *given : fallback;
  const auto found = std::find(words.begin(), words.end(), word);
  if (found == words.end()) fail(parameter, fmt::format("found {}", shown(word)), core::either(words));
  return static_cast<std::size_t>(found - words.begin());
}

const std::string& SpecArguments::text(const std::string& parameter) const {
  const std::string* given = find(parameter);
  if (given == nullptr) fail(parameter, "missing", usage_);
  return *given;
}

}  // namespace rhosweep::model
