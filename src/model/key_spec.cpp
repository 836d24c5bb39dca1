#include "rhosweep/model/key_spec.hpp"

#include "rhosweep/core/text.hpp"

#include <cmath>

#include <fmt/format.h>

namespace rhosweep::model {

namespace {

std::string range_text(const Range& range) {
  const bool lower = std::isfinite(range.lower);
  const bool upper = std::isfinite(range.upper);
  if (lower && upper)
    return fmt::format(" in {}{}, {}{}", range.lower_open ? "(" : "[", range.lower, range.upper,
                       range.upper_open ? ")" : "]");
  if (lower) return fmt::format(" {} {}", range.lower_open ? ">" : ">=", range.lower);
  if (upper) return fmt::format(" {} {}", range.upper_open ? "<" : "<=", range.upper);
  return "";
}

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      out += fmt::format("\\u{:04X}", static_cast<unsigned>(static_cast<unsigned char>(c)));
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string real_toml(double value) {
  std::string text = core::to_text(value);
  if (text.find_first_of(".en") == std::string::npos) text += ".0";
  return text;
}

}  // namespace

bool Range::contains(double value) const {
  return std::isfinite(value) && (lower_open ? value > lower : value >= lower) &&
         (upper_open ? value < upper : value <= upper);
}

std::string KeySpec::allowed() const {
  switch (type) {
    case ValueType::boolean:
      return "true or false";
    case ValueType::integer:
      return "an integer" + range_text(range);
    case ValueType::real:
      return "a number" + range_text(range);
    case ValueType::path:
      return "a path as text";
    case ValueType::texts:
      return "a list of texts";
    case ValueType::integers:
      return "a list of integers" + range_text(range);
    case ValueType::metrics:
      return "a list of names and of tables such as { name = \"auc\", best = \"max\", at_most = 1.0 }";
    case ValueType::text:
      break;
  }
  std::vector<std::string> words;
  for (const auto& choice : choices) words.push_back(quoted(choice));
  return words.empty() ? "text" : core::either(words);
}

std::string KeySpec::allowed_numbers() const {
  return (type == ValueType::integer ? "integers" : "numbers") + range_text(range);
}

std::string to_toml(const Value& value) {
  struct Writer {
    std::string operator()(bool flag) const { return flag ? "true" : "false"; }
    std::string operator()(std::int64_t number) const { return fmt::format("{}", number); }
    std::string operator()(double number) const { return real_toml(number); }
    std::string operator()(const std::string& text) const { return quoted(text); }
    std::string operator()(const std::vector<std::string>& texts) const {
      std::vector<std::string> items;
      items.reserve(texts.size());
      for (const std::string& text : texts) items.push_back(quoted(text));
      return fmt::format("[{}]", fmt::join(items, ", "));
    }
    std::string operator()(const std::vector<std::int64_t>& numbers) const {
      return fmt::format("[{}]", fmt::join(numbers, ", "));
    }
    std::string operator()(const std::vector<DeclaredMetric>& metrics) const {
      std::vector<std::string> items;
      items.reserve(metrics.size());
      for (const DeclaredMetric& metric : metrics) items.push_back(model::to_toml(metric));
      return fmt::format("[{}]", fmt::join(items, ", "));
    }
  };
  return std::visit(Writer{}, value);
}

}  // namespace rhosweep::model
