#include "exchange.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/core/text.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include <fmt/format.h>

namespace rhosweep::program {

Exchange::Exchange(const Program& program, const Run& run, const Common& common,
                   const std::vector<std::int64_t>& lanes, std::int64_t attempt, const TrialFiles& files)
    : program_(program), run_(run), common_(common), table_(files.table()) {
  for (std::size_t i = 0; i < lanes.size(); ++i) {
    attempts_.push_back({.trial = run.trials[lanes[i]],
                         .scratch = files.scratch(i),
                         .multipliers = files.multipliers(i),
                         .number = attempt});
    lanes_.push_back({.trial = lanes[i], .report = Report(program.metrics, common.evaluation_steps)});
  }
}

std::string Exchange::line() const {
  return message(run_, common_, attempts_, table_) + "\n";
}

std::vector<std::size_t> Exchange::lanes_of(const ReportLine& said,
                                            const std::vector<std::int64_t>& earlier) const {
  std::vector<std::size_t> list;
  if (!said.trials) {
    list.resize(lanes_.size());
    std::iota(list.begin(), list.end(), std::size_t{0});
    return list;
  }
  for (const std::int64_t number : *said.trials) {
    const auto place = std::ranges::find_if(
        lanes_, [&](const Lane& lane) { return run_.trials[lane.trial].number == number; });
    if (place != lanes_.end())
      list.push_back(static_cast<std::size_t>(place - lanes_.begin()));
    else if (std::ranges::find(earlier, number) == earlier.end())
      throw core::Error(fmt::format("trial {}, which the program does not have: {}", number, said.text()));
  }
  if (list.size() != said.trials->size() && !list.empty())
    throw core::Error(fmt::format("trials of two messages: {}", said.text()));
  return list;
}

void Exchange::take(const ReportLine& said, Lane& lane, std::size_t index, std::size_t count) {
  if (lane.is_over) return;
  if (said.failure) {
    lane.failure = *said.failure;
    lane.is_over = true;
    return;
  }
  try {
    lane.report.take(said, index, count);
  } catch (const core::Error& error) {
    lane.failure = error.what();
    lane.is_over = is_spoilt_ = true;
  }
  if (said.is_done) lane.is_over = true;
}

void Exchange::read(std::string_view line, const std::vector<std::int64_t>& earlier) {
  const auto said = parse_report_line(line, program_.metrics, common_.evaluation_steps.back(), Mode::serve);
  if (!said) return;
  const std::vector<std::size_t> lanes = lanes_of(*said, earlier);
  for (std::size_t i = 0; i < lanes.size(); ++i) take(*said, lanes_[lanes[i]], i, lanes.size());
  has_begun_ = has_begun_ || !lanes.empty();
}

bool Exchange::is_over() const {
  return std::ranges::all_of(lanes_, &Lane::is_over);
}

void Exchange::abandon(const std::string& reason) {
  for (Lane& lane : lanes_) {
    if (lane.is_over) continue;
    lane.is_over = true;
    if (!lane.report.has_diverged()) lane.failure = reason;
  }
}

std::vector<Exchange::Outcome> Exchange::outcomes() const {
  std::vector<Outcome> list;
  for (const Lane& lane : lanes_) {
    Outcome outcome{.trial = lane.trial, .result = {}, .failure = lane.failure.value_or("")};
    try {
      if (!lane.failure) outcome.result = lane.report.result();
    } catch (const core::Error& error) {
      outcome.failure = error.what();
    }
    list.push_back(std::move(outcome));
  }
  return list;
}

std::vector<std::int64_t> Exchange::numbers() const {
  std::vector<std::int64_t> list;
  for (const Lane& lane : lanes_) list.push_back(run_.trials[lane.trial].number);
  return list;
}

}  // namespace rhosweep::program
