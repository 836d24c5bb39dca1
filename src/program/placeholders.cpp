#include "placeholders.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/core/text.hpp"

#include <cstdint>
#include <utility>
#include <variant>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace rhosweep::program {

namespace {

/// Splits a text into literal characters and names of placeholders.
template <class AddText, class AddName>
void split_template(std::string_view text, AddText&& add_text, AddName&& add_name) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool is_doubled = i + 1 < text.size() && text[i + 1] == c;
    if (c != '{' && c != '}') {
      add_text(c);
    } else if (is_doubled) {
      add_text(c);
      ++i;
    } else {
      const std::size_t end = text.find('}', i);
      if (c == '}' || end == std::string_view::npos)
        throw core::InputError(
            fmt::format("a single {} in \"{}\"; allowed: {{name}}, or {{{{ and }}}} for braces", c, text));
      add_name(std::string(text.substr(i + 1, end - i - 1)));
      i = end;
    }
  }
}

}  // namespace

std::string to_word(const model::Value& value) {
  struct Writer {
    std::string operator()(bool flag) const { return flag ? "true" : "false"; }
    std::string operator()(std::int64_t number) const { return fmt::format("{}", number); }
    std::string operator()(double number) const { return core::to_text(number); }
    std::string operator()(const std::string& text) const { return text; }
    std::string operator()(const std::vector<std::string>& texts) const {
      return fmt::format("{}", fmt::join(texts, ","));
    }
    std::string operator()(const std::vector<std::int64_t>& numbers) const {
      return fmt::format("{}", fmt::join(numbers, ","));
    }
    std::string operator()(const std::vector<model::DeclaredMetric>& metrics) const {
      std::vector<std::string> names;
      names.reserve(metrics.size());
      for (const model::DeclaredMetric& metric : metrics) names.push_back(metric.name);
      return (*this)(names);
    }
  };
  return std::visit(Writer{}, value);
}

std::vector<std::string> placeholders_in(std::string_view text) {
  std::vector<std::string> names;
  split_template(
      text, [](char) {}, [&](std::string name) { names.push_back(std::move(name)); });
  return names;
}

std::string expand(std::string_view text, const Placeholders& values) {
  std::string expanded;
  split_template(
      text, [&](char c) { expanded += c; },
      [&](const std::string& name) {
        const auto value = values.find(name);
        if (value == values.end())
          throw core::InputError(fmt::format("the placeholder {{{}}} in \"{}\" has no value", name, text));
        expanded += value->second;
      });
  return expanded;
}

}  // namespace rhosweep::program
