#include "report_line.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/core/text.hpp"

#include <cmath>
#include <cstdlib>
#include <limits>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace rhosweep::program {

namespace {

using Json = nlohmann::json;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

bool is_of_scalar(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' || c == '-' ||
         c == '.';
}

[[noreturn]] void fail(std::string_view complaint, std::string_view line) {
  throw core::Error(fmt::format("{}: {}", complaint, ReportLine{.line = line}.text()));
}

/// Returns the value of a scalar that the JSON parser does not read as the intended double: null, the words
/// for NaN and infinity that Python, C, R, Julia and awk print, a number beyond the range of double, and the
/// integer -0. Returns nullopt for other scalars.
std::optional<double> unusual_number(std::string_view scalar) {
  constexpr std::size_t surely_finite = 300;  // digits
  constexpr std::string_view digits = "0123456789.";
  if (scalar.size() < surely_finite && scalar.find_first_not_of(digits) == std::string_view::npos)
    return std::nullopt;
  constexpr double infinity = std::numeric_limits<double>::infinity();
  for (const auto& [word, value] : {std::pair{std::string_view("null"), nan},
                                    {"NaN", nan},
                                    {"nan", nan},
                                    {"-nan", nan},
                                    {"+nan", nan},
                                    {"Infinity", infinity},
                                    {"inf", infinity},
                                    {"+inf", infinity},
                                    {"Inf", infinity},
                                    {"-Infinity", -infinity},
                                    {"-inf", -infinity},
                                    {"-Inf", -infinity},
                                    {"-0", -0.0}})
    if (scalar == word) return value;
  if (scalar.find_first_not_of("0123456789+-.eE") != std::string_view::npos) return std::nullopt;
  const std::string text(scalar);
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  return *end == '\0' && std::isinf(value) ? std::optional(value) : std::nullopt;
}

/// Reads a line as JSON, including all numbers of unusual_number().
/// @return the value; is_discarded() holds if the line is not JSON
Json parse(std::string_view line) {
  // Replaces the unusual numbers with null. The parser's callback then replaces each null by its number
  // again.
  std::string text;
  std::size_t copied = 0;  // number of characters of the line that are in `text`
  std::vector<double> values;
  bool in_string = false;
  for (std::size_t i = 0; i < line.size();) {
    std::size_t end = i;
    while (!in_string && end < line.size() && is_of_scalar(line[end])) ++end;
    if (end > i) {
      if (const auto value = unusual_number(line.substr(i, end - i))) {
        values.push_back(*value);
        text += line.substr(copied, i - copied);
        text += "null";
        copied = end;
      }
      i = end;
      continue;
    }
    if (line[i] == '"') in_string = !in_string;
    i += in_string && line[i] == '\\' ? 2 : 1;
  }
  constexpr bool with_exceptions = false;
  if (values.empty()) return Json::parse(line, nullptr, with_exceptions);
  text += line.substr(copied);
  auto next = values.begin();
  const auto replace_null = [&](int, Json::parse_event_t event, Json& parsed) {
    if (event == Json::parse_event_t::value && parsed.is_null() && next != values.end()) parsed = *next++;
    return true;
  };
  return Json::parse(text, replace_null, with_exceptions);
}

/// Returns the step of the object; nullopt if it has none.
std::optional<std::int64_t> step_of(const Json& object, std::int64_t last, std::string_view line) {
  const auto step = object.find("step");
  if (step == object.end()) return std::nullopt;
  const double number = step->is_number() ? step->get<double>() : nan;
  if (!(number >= 0.0 && number <= static_cast<double>(last)) || number != std::floor(number))
    fail(fmt::format("a step that is not an integer in [0, {}]", last), line);
  return static_cast<std::int64_t>(number);
}

/// Reads a member that is one value for all trials or a list with one value per trial. @return empty if the
/// object lacks the member
template <class T, class IsOne>
std::vector<T> one_or_each(const Json& object, const std::string& name, const char* type,
                           std::string_view line, const IsOne& is_one) {
  std::vector<T> list;
  const auto member = object.find(name);
  if (member == object.end()) return list;
  const auto add = [&](const Json& value) {
    if (!is_one(value)) fail(fmt::format("\"{}\" is not {}", name, type), line);
    list.push_back(value.template get<T>());
  };
  if (member->is_array())
    for (const Json& value : *member) add(value);
  else
    add(*member);
  return list;
}

/// Reads the members "trial", "done" and "failed", by which a program that serves names trials and ends them.
void read_trials(const Json& object, std::string_view line, ReportLine& said) {
  if (object.contains("trial"))
    said.trials = one_or_each<std::int64_t>(object, "trial", "the number of a trial", line,
                                            [](const Json& value) { return value.is_number_integer(); });
  if (const auto done = object.find("done"); done != object.end()) {
    if (!done->is_boolean()) fail("\"done\" is not true or false", line);
    said.is_done = done->get<bool>();
  }
  if (const auto failed = object.find("failed"); failed != object.end()) {
    if (!failed->is_string()) fail("\"failed\" is not a text", line);
    said.failure = core::one_line(failed->get<std::string>());
  }
}

}  // namespace

std::string ReportLine::text() const {
  return core::one_line(line, 120);
}

std::optional<ReportLine> parse_report_line(std::string_view line, const std::vector<model::Metric>& metrics,
                                            std::int64_t last_step, Mode mode) {
  if (!line.starts_with('{')) return std::nullopt;
  ReportLine said{.line = line};
  const Json object = parse(line);
  if (!object.is_object()) {
    said.ignored = "not valid JSON";
    return said;
  }
  if (mode == Mode::serve) read_trials(object, line, said);
  said.step = step_of(object, last_step, line);
  said.diverged = one_or_each<char>(object, "diverged", "true or false", line,
                                    [](const Json& value) { return value.is_boolean(); });
  const bool is_all_diverged = said.diverged.size() == 1 && said.diverged.front() != 0;
  if (is_all_diverged || said.is_done || said.failure) return said;
  if (!said.step) {
    said.ignored = "without a step";
    return said;
  }
  for (const model::Metric& metric : metrics)
    said.values.push_back(one_or_each<double>(object, metric.name, "a number", line,
                                              [](const Json& value) { return value.is_number(); }));
  return said;
}

}  // namespace rhosweep::program
