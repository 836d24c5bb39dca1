#include "progress.hpp"

#include "rhosweep/core/log.hpp"
#include "rhosweep/core/text.hpp"

#include <cstdio>

#include <fmt/format.h>
#include <unistd.h>

namespace rhosweep::app {

namespace {

constexpr double bar_seconds = 0.2;
constexpr double log_seconds = 10.0;
constexpr int bar_width = 30;

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
    const auto filled = static_cast<int>(bar_width * progress.tally.trials() / trials_);
    fmt::print(stderr, "\r[{:=<{}}{:{}}] {}\x1b[K", "", filled, "", bar_width - filled, line(progress));
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
  std::string text =
      fmt::format("{} of {} trials, {:.0f} trials/s, {} diverged, {} failed", progress.tally.trials(),
                  trials_, rate, progress.tally.diverged, progress.tally.failed);
  if (rate > 0 && progress.tally.trials() < trials_)
    text += fmt::format(
        ", {} left", core::to_duration_text(static_cast<double>(trials_ - progress.tally.trials()) / rate));
  return text;
}

}  // namespace rhosweep::app
