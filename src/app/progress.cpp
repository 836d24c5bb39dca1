#include "progress.hpp"

#include "screen.hpp"

#include "rhosweep/core/log.hpp"
#include "rhosweep/core/text.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <iterator>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <unistd.h>

namespace rhosweep::app {

namespace {

constexpr double bar_seconds = 0.2;
constexpr double log_seconds = 10.0;
constexpr std::int64_t widest_bar = 30;
constexpr std::int64_t narrowest_bar = 5;

/// Returns the number of columns for a line of progress: the width of the terminal, at most 80.
std::int64_t line_columns() {
  return std::min(TerminalSize(STDERR_FILENO).columns, static_cast<std::int64_t>(core::most_columns));
}

/// Returns a bar and the text beside it, in fewer columns than the terminal has: a line of full width would
/// leave a stale line behind at each refresh. A narrow terminal gets no bar, a very narrow one only the start
/// of the text.
std::string fitting(std::string text, double share, std::int64_t columns) {
  constexpr std::int64_t around = 3;  // "[] "
  const std::int64_t room = columns - 1 - std::ssize(text) - around;
  if (room < narrowest_bar) return text.substr(0, static_cast<std::size_t>(columns - 1));
  const std::int64_t width = std::min(widest_bar, room);
  const auto filled = static_cast<std::int64_t>(static_cast<double>(width) * share);
  return fmt::format("[{:=<{}}{:{}}] {}", "", filled, "", width - filled, text);
}

}  // namespace

std::string rate_text(double trials_per_second) {
  if (trials_per_second >= 9.95 || trials_per_second <= 0.0)
    return fmt::format("{:.0f} trials/s", trials_per_second);
  if (trials_per_second >= 1.0) return fmt::format("{:.1f} trials/s", trials_per_second);
  return fmt::format("{}/trial", core::to_duration_text(1.0 / trials_per_second));
}

ProgressDisplay::ProgressDisplay(ProgressStyle style, std::int64_t trials, std::string label)
    : style_(style), trials_(trials), label_(std::move(label)) {
  if (style == ProgressStyle::automatic)
    style_ = isatty(STDERR_FILENO) != 0 ? ProgressStyle::bar : ProgressStyle::log;
  if (core::log::verbosity() == core::log::Verbosity::quiet) style_ = ProgressStyle::none;
}

ProgressDisplay::~ProgressDisplay() {
  if (bar_open_) std::fputc('\n', stderr);
}

void ProgressDisplay::update(const sched::Progress& progress) {
  if (style_ == ProgressStyle::none || trials_ == 0) return;
  const bool last = progress.tally.trials() >= trials_;
  const int tenths = static_cast<int>(10 * progress.tally.trials() / trials_);
  if (style_ == ProgressStyle::bar) {
    if (since_shown_.seconds() < bar_seconds && !last) return;
    const double share = static_cast<double>(progress.tally.trials()) / static_cast<double>(trials_);
    fmt::print(stderr, "\r{}\x1b[K", fitting(line(progress), share, line_columns()));
    std::fflush(stderr);
    bar_open_ = true;
  } else {
    if (since_shown_.seconds() < log_seconds && tenths == shown_tenths_) return;
    core::log::info("{}", line(progress));
  }
  since_shown_ = study::Stopwatch();
  shown_tenths_ = tenths;
}

std::string ProgressDisplay::line(const sched::Progress& progress) const {
  const double seconds = since_start_.seconds();
  const double rate = seconds > 0 ? static_cast<double>(progress.tally.trials()) / seconds : 0.0;
  std::string text = fmt::format("{}{}, {}, {} diverged, {} failed", label_,
                                 core::part_of(progress.tally.trials(), trials_, "trial"), rate_text(rate),
                                 progress.tally.diverged, progress.tally.failed);
  if (progress.tally.stopped > 0) text += fmt::format(", {} stopped", progress.tally.stopped);
  if (rate > 0 && progress.tally.trials() < trials_)
    text += fmt::format(
        ", {} left", core::to_duration_text(static_cast<double>(trials_ - progress.tally.trials()) / rate));
  return text;
}

}  // namespace rhosweep::app
