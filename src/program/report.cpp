#include "rhosweep/program/report.hpp"

#include "report_line.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/core/text.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <iterator>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace rhosweep::program {

namespace {

constexpr double not_reported = std::numeric_limits<double>::quiet_NaN();

/// Returns the value, or the metric's bound if the value exceeds it only by rounding.
double within_bound(const model::Metric& metric, double value) {
  if (!metric.at_most || !(value > *metric.at_most)) return value;
  constexpr double rounding = 1e-5;  // of sums in float32
  const double bound = *metric.at_most;
  if (value - bound <= rounding * std::max(1.0, std::abs(bound))) return bound;
  throw core::Error(fmt::format("{} is {}, above its bound {}; state it: problem.metrics at_most = ...",
                                metric.name, core::to_text(value), core::to_text(bound)));
}

}  // namespace

std::string_view report_in(std::string_view line, Report::Start start) {
  line = core::trim(line);
  if (start == Report::Start::redrawn) line.remove_prefix(std::min(line.find('{'), line.size()));
  return line;
}

Report::Report(const std::vector<model::Metric>& metrics, std::vector<std::int64_t> evaluation_steps,
               const model::StopLimits& stop)
    : metrics_(metrics),
      stop_(stop),
      steps_(std::move(evaluation_steps)),
      values_(metrics.size() * steps_.size(), not_reported),
      has_final_(metrics.size(), 0) {}

void Report::read(std::string_view line, Start start) {
  line = report_in(line, start);
  if (is_over()) return;
  if (const auto said = parse_report_line(line, metrics_, steps_.back(), Mode::once)) take(*said, 0, 1);
}

void Report::take(const ReportLine& said, std::size_t lane, std::size_t lanes) {
  if (is_over()) return;
  if (!said.ignored.empty()) {
    ignored_ = fmt::format("{}: {}", said.ignored, said.text());
    return;
  }
  const auto of_lane = [&](const auto& list, std::string_view name) {
    if (list.size() != lanes && !(name == "diverged" && list.size() == 1))
      throw core::Error(fmt::format("\"{}\" has {} instead of {}: {}", name,
                                    core::counted(std::ssize(list), "value"), lanes, said.text()));
    return list[std::min(lane, list.size() - 1)];
  };
  if (!said.diverged.empty() && of_lane(said.diverged, "diverged") != 0) {
    diverged_step_ = said.step.value_or(last_step_);
    return;
  }
  if (!said.step) return;
  last_step_ = *said.step;
  const auto place = std::lower_bound(steps_.begin(), steps_.end(), *said.step);
  for (std::size_t m = 0; m < said.values.size(); ++m) {
    if (said.values[m].empty()) continue;
    const double number = of_lane(said.values[m], metrics_[m].name);
    if (m == 0 && !std::isfinite(number)) {
      diverged_step_ = *said.step;
      return;
    }
    if (*place != *said.step) continue;
    double& value = at(m, place - steps_.begin());
    const double reported = within_bound(metrics_[m], number);
    if (std::isnan(value)) value = reported;  // else it may have been judged already
    if (*said.step == steps_.back()) has_final_[m] = 1;
  }
  if (const auto evaluation = place - steps_.begin();
      *place == *said.step && stop_.stop_at(evaluation, values_[stop_.metric * steps_.size() + evaluation]))
    stopped_at_ = evaluation;
}

model::BlockResult Report::result() const {
  const auto count = std::ssize(steps_);
  model::BlockResult result(1, std::ssize(metrics_), count);
  result.curve = values_;
  result.diverged_step[0] = diverged_step_;
  if (stopped_at_ >= 0) {
    result.status[0] = model::CellStatus::stopped;
    for (std::size_t m = 0; m < metrics_.size(); ++m)
      std::fill(result.curve.begin() + (m * count + stopped_at_ + 1), result.curve.begin() + (m + 1) * count,
                not_reported);
    return result;
  }
  result.status[0] = has_diverged() ? model::CellStatus::diverged : model::CellStatus::done;
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
