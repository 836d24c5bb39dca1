#include "progress.hpp"

#include "rhosweep/core/log.hpp"
#include "rhosweep/core/text.hpp"

#include <algorithm>
#include <cstdio>

#include <fmt/format.h>
#include <unistd.h>

namespace rhosweep::app {

namespace {

constexpr double bar_seconds = 0.2;
constexpr double log_seconds = 10.0;
constexpr std::size_t widest_bar = 30;

}  // namespace

ProgressDisplay::ProgressDisplay(ProgressStyle style, std::int64_t trials) : style_(style), trials_(trials) {
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
    fmt::print(stderr, "\r{}\x1b[K", bar_line(progress));
    std::fflush(stderr);
    bar_open_ = true;
  } else {
    if (since_shown_.seconds() < log_seconds && tenths == shown_tenths_) return;
    core::log::info("{}", line(progress));
  }
  since_shown_ = study::Stopwatch();
  shown_tenths_ = tenths;
}

std::string ProgressDisplay::bar_line(const sched::Progress& progress) const {
  const std::string text = line(progress);
  // The cursor cannot return to the start of a line that the terminal has broken, so the bar is as wide as
  // the text allows. The last column stays free.
  const std::size_t others = core::columns(text) + 4;
  const std::size_t width = std::min(widest_bar, core::most_columns - std::min(core::most_columns, others));
  if (width == 0) return text;
  const auto filled =
      static_cast<std::size_t>(static_cast<double>(width) * static_cast<double>(progress.tally.trials()) /
                               static_cast<double>(trials_));
  return fmt::format("[{:=<{}}{:{}}] {}", "", filled, "", width - filled, text);
}

std::string ProgressDisplay::line(const sched::Progress& progress) const {
  const double seconds = since_start_.seconds();
  const double rate = seconds > 0 ? static_cast<double>(progress.tally.trials()) / seconds : 0.0;
  std::string text =
      fmt::format("{} of {} trials, {:.0f} trials/s, {} diverged, {} failed", progress.tally.trials(),
                  trials_, rate, progress.tally.diverged, progress.tally.failed);
  if (rate > 0 && progress.tally.trials() < trials_)
    text += fmt::format(
        ", {} left", core::to_duration_text(static_cast<double>(trials_ - progress.tally.trials()) / rate));
  return text;
}

}  // namespace rhosweep::app
