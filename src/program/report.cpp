#include "rhosweep/program/report.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/core/text.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace rhosweep::program {

namespace {

using Json = nlohmann::json;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

[[noreturn]] void fail(std::string_view complaint, std::string_view line) {
  throw core::Error(fmt::format("{}: {}", complaint, core::one_line(line, 120)));
}

/// Replaces NaN and Infinity by null. They are not valid JSON, but Python's encoder writes them.
std::string standard_json(std::string_view line) {
  std::string text;
  bool in_string = false;
  for (std::size_t i = 0; i < line.size();) {
    const std::string_view rest = line.substr(i);
    std::size_t replaced = 0;
    if (!in_string)
      for (const std::string_view word : {"NaN", "Infinity", "-Infinity"})
        if (rest.starts_with(word)) replaced = word.size();
    if (replaced > 0) {
      text += "null";
      i += replaced;
      continue;
    }
    if (rest.front() == '"') in_string = !in_string;
    if (in_string && rest.front() == '\\' && rest.size() > 1) text += line[i++];
    text += line[i++];
  }
  return text;
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

void Report::read(std::string_view line) {
  line = core::trim(line);
  if (has_diverged() || !line.starts_with('{')) return;
  constexpr bool with_exceptions = false;
  const Json object = Json::parse(standard_json(line), nullptr, with_exceptions);
  if (!object.is_object()) fail("a line that is not valid JSON", line);

  const auto step = step_of(object, steps_.back(), line);
  const auto diverged = object.find("diverged");
  if (diverged != object.end() && !diverged->is_boolean()) fail("\"diverged\" is not true or false", line);
  if (diverged != object.end() && diverged->get<bool>()) {
    diverged_step_ = step.value_or(last_step_);
    return;
  }
  if (!step) fail("a line without a step", line);
  last_step_ = *step;
  const auto place = std::lower_bound(steps_.begin(), steps_.end(), *step);
  for (std::size_t m = 0; m < metrics_.size(); ++m) {
    const auto value = object.find(metrics_[m].name);
    if (value == object.end()) continue;
    if (!value->is_number() && !value->is_null())
      fail(fmt::format("\"{}\" is not a number", metrics_[m].name), line);
    const double number = value->is_null() ? nan : value->get<double>();
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
      throw core::Error(
          fmt::format("the program did not report {} at step {}", metrics_[m].name, steps_.back()));
    for (std::int64_t i = 0; i < count; ++i)
      if (has_diverged() && steps_[i] >= diverged_step_)
        result.curve[m * steps_.size() + i] = metrics_[m].diverged;
    result.final[m] = result.curve[(m + 1) * steps_.size() - 1];
  }
  return result;
}

}  // namespace rhosweep::program
