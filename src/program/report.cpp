#include "rhosweep/program/report.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/core/text.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

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
  throw core::Error(fmt::format("{}: {}", complaint, core::one_line(line, 120)));
}

/// Returns the value of a scalar that the parser does not read as a double of that value: null, the words
/// that Python and C print, a number beyond the range of double, and the integer -0. Otherwise nullopt.
std::optional<double> unusual_number(const std::string& scalar) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  for (const auto& [word, value] : {std::pair{"null", nan},
                                    {"NaN", nan},
                                    {"nan", nan},
                                    {"-nan", nan},
                                    {"Infinity", infinity},
                                    {"inf", infinity},
                                    {"-Infinity", -infinity},
                                    {"-inf", -infinity},
                                    {"-0", -0.0}})
    if (scalar == word) return value;
  if (scalar.find_first_not_of("0123456789+-.eE") != std::string::npos) return std::nullopt;
  char* end = nullptr;
  const double value = std::strtod(scalar.c_str(), &end);
  return *end == '\0' && std::isinf(value) ? std::optional(value) : std::nullopt;
}

/// Reads a line as JSON whose numbers may be any that a program prints. @return discarded if it is not JSON
Json parse(std::string_view line) {
  // Unusual numbers are replaced by null. The parser then asks for a value at each null, in the same order.
  std::string text;
  std::vector<double> values;
  bool in_string = false;
  for (std::size_t i = 0; i < line.size();) {
    std::size_t end = i;
    while (!in_string && end < line.size() && is_of_scalar(line[end])) ++end;
    if (end > i) {
      const std::string scalar(line.substr(i, end - i));
      const auto value = unusual_number(scalar);
      if (value) values.push_back(*value);
      text += value ? "null" : scalar;
      i = end;
      continue;
    }
    if (line[i] == '"') in_string = !in_string;
    if (in_string && line[i] == '\\' && i + 1 < line.size()) text += line[i++];
    text += line[i++];
  }
  auto next = values.begin();
  const auto replace_null = [&](int, Json::parse_event_t event, Json& parsed) {
    if (event == Json::parse_event_t::value && parsed.is_null() && next != values.end()) parsed = *next++;
    return true;
  };
  constexpr bool with_exceptions = false;
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

/// Returns a value that is at most the metric's bound. A value above it by rounding is replaced by the bound.
double within_bound(const model::Metric& metric, double value) {
  if (!metric.at_most || !(value > *metric.at_most)) return value;
  constexpr double rounding = 1e-5;  // of sums in float32
  const double bound = *metric.at_most;
  if (value - bound <= rounding * std::max(1.0, std::abs(bound))) return bound;
  throw core::Error(fmt::format("{} is {}, above its bound {}; state it: problem.metrics at_most = ...",
                                metric.name, core::to_text(value), core::to_text(bound)));
}

}  // namespace

Report::Report(const std::vector<model::Metric>& metrics, std::vector<std::int64_t> evaluation_steps)
    : metrics_(metrics),
      steps_(std::move(evaluation_steps)),
      values_(metrics.size() * steps_.size(), nan),
      has_final_(metrics.size(), 0) {}

void Report::read(std::string_view line, Start start) {
  line = core::trim(line);
  if (start == Start::redrawn) line.remove_prefix(std::min(line.find('{'), line.size()));
  if (has_diverged() || !line.starts_with('{')) return;
  const auto ignore = [&](std::string_view why) {
    ignored_ = fmt::format("{}: {}", why, core::one_line(line, 120));
  };
  const Json object = parse(line);
  if (!object.is_object()) return ignore("not valid JSON");

  const auto step = step_of(object, steps_.back(), line);
  const auto diverged = object.find("diverged");
  if (diverged != object.end() && !diverged->is_boolean()) fail("\"diverged\" is not true or false", line);
  if (diverged != object.end() && diverged->get<bool>()) {
    diverged_step_ = step.value_or(last_step_);
    return;
  }
  if (!step) return ignore("without a step");
  last_step_ = *step;
  const auto place = std::lower_bound(steps_.begin(), steps_.end(), *step);
  for (std::size_t m = 0; m < metrics_.size(); ++m) {
    const auto value = object.find(metrics_[m].name);
    if (value == object.end()) continue;
    if (!value->is_number()) fail(fmt::format("\"{}\" is not a number", metrics_[m].name), line);
    const auto number = value->get<double>();
    if (m == 0 && !std::isfinite(number)) {
      diverged_step_ = *step;
      return;
    }
    if (*place != *step) continue;
    at(m, place - steps_.begin()) = within_bound(metrics_[m], number);
    if (*step == steps_.back()) has_final_[m] = 1;
  }
}

model::BlockResult Report::result() const {
  const auto count = std::ssize(steps_);
  model::BlockResult result(1, std::ssize(metrics_), count);
  result.curve = values_;
  result.status[0] = has_diverged() ? model::CellStatus::diverged : model::CellStatus::done;
  result.diverged_step[0] = diverged_step_;
  for (std::size_t m = 0; m < metrics_.size(); ++m) {
    if (!has_diverged() && has_final_[m] == 0)
      throw core::Error(fmt::format("the program did not report {} at step {}{}{}", metrics_[m].name,
                                    steps_.back(), ignored_.empty() ? "" : "; ", ignored_));
    for (std::int64_t i = 0; i < count; ++i)
      if (has_diverged() && steps_[i] >= diverged_step_)
        result.curve[m * steps_.size() + i] = metrics_[m].diverged;
    result.final[m] = result.curve[(m + 1) * steps_.size() - 1];
  }
  return result;
}

}  // namespace rhosweep::program
