#include "progress.hpp"

#include "rhosweep/core/log.hpp"
#include "rhosweep/core/text.hpp"

#include <cstdio>

#include <fmt/format.h>
#include <unistd.h>

namespace rhosweep::app {

namespace {

constexpr std::chrono::milliseconds bar_period{200};
constexpr std::chrono::seconds log_period{10};
constexpr int bar_width = 30;

}  // namespace

ProgressDisplay::ProgressDisplay(ProgressStyle style, std::int64_t trials) : style_(style), trials_(trials) {
  if (style == ProgressStyle::automatic)
    style_ = isatty(STDERR_FILENO) != 0 ? ProgressStyle::bar : ProgressStyle::log;
}

void ProgressDisplay::update(const sched::Progress& progress) {
  if (style_ == ProgressStyle::none || trials_ == 0) return;
  const auto now = Clock::now();
  const bool last = progress.tally.trials() >= trials_;
  const int tenths = static_cast<int>(10 * progress.tally.trials() / trials_);
  const std::string text = line(progress, std::chrono::duration<double>(now - start_).count());
  if (style_ == ProgressStyle::bar) {
    if (now - shown_ < bar_period && !last) return;
    const auto filled = static_cast<int>(bar_width * progress.tally.trials() / trials_);
    fmt::print(stderr, "\r[{:=<{}}{:{}}] {}\x1b[K", "", filled, "", bar_width - filled, text);
    std::fflush(stderr);
    bar_open_ = true;
  } else {
    if (now - shown_ < log_period && tenths == shown_tenths_) return;
    core::log::info("{}", text);
  }
  shown_ = now;
  shown_tenths_ = tenths;
}

void ProgressDisplay::finish() {
  if (bar_open_) fmt::print(stderr, "\n");
  bar_open_ = false;
}

std::string ProgressDisplay::line(const sched::Progress& progress, double seconds) const {
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
