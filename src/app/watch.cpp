#include "commands.hpp"
#include "stopwatch.hpp"

#include "rhosweep/analysis/analysis.hpp"
#include "rhosweep/core/log.hpp"
#include "rhosweep/core/text.hpp"
#include "rhosweep/store/results_reader.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <string>
#include <thread>

#include <fmt/format.h>
#include <unistd.h>

namespace rhosweep::app {

using model::CellStatus;

namespace {

constexpr double table_seconds = 1.0;
constexpr double line_seconds = 10.0;
constexpr std::chrono::milliseconds pause{500};
constexpr std::int64_t most_schedules = 20;

std::string number(double value) {
  return std::isnan(value) ? "-" : fmt::format("{:.4g}", value);
}

/// The best so far at the axes point that is being worked on: the last one with a complete seed.
std::string table(const store::ResultsReader& file) {
  analysis::Options options;
  options.resamples = 0;
  options.with_theory = false;
  const analysis::Analyser analyser(file, options);
  std::int64_t at = analyser.groups() - 1;
  while (at >= 0 && analyser.coverage(at).complete_seeds == 0) --at;
  if (at < 0) return "no seed has finished yet at every schedule and rho\n";
  const analysis::Group group = analyser.group(at);
  const std::string& metric = analyser.metric();
  const std::string where = analysis::label(group.axes);
  std::string text =
      fmt::format("best so far{}{}, by the {} of {} of {} seeds\n", where.empty() ? "" : " at ", where,
                  metric, group.coverage.seeds_used(), group.coverage.of_seeds);
  std::size_t width = std::string("schedule").size();
  for (const auto& found : group.schedules) width = std::max(width, found.schedule.size());
  text +=
      fmt::format("  {:<{}}  {:>13}  {:>9}  {:>11}\n", "schedule", width, "best stepsize", "at rho", metric);
  for (std::int64_t s = 0; s < std::min(most_schedules, std::ssize(group.schedules)); ++s) {
    const analysis::ScheduleAnalysis& found = group.schedules[s];
    text += fmt::format("  {:<{}}  {:>13}  {:>9}  {:>11}\n", found.schedule, width,
                        number(found.best_stepsize), number(found.best_rho), number(found.best));
  }
  if (std::ssize(group.schedules) > most_schedules)
    text += fmt::format("  … and {} more\n", std::ssize(group.schedules) - most_schedules);
  return text;
}

struct Count {
  std::int64_t cells = 0;
  std::int64_t pending = 0;
  std::int64_t diverged = 0;
  std::int64_t failed = 0;
};

Count count(const store::ResultsReader& file) {
  const auto counts = file.count_status();
  const auto of = [&](CellStatus status) { return counts[static_cast<std::size_t>(status)]; };
  return {.cells = file.description().grid.cells(),
          .pending = of(CellStatus::pending),
          .diverged = of(CellStatus::diverged),
          .failed = of(CellStatus::failed)};
}

/// How far the file is and how fast it has grown since it is being watched.
std::string progress_line(const Count& now, const Count& first, double seconds) {
  const std::int64_t run = now.cells - now.pending;
  const double rate = seconds > 0 ? static_cast<double>(first.pending - now.pending) / seconds : 0.0;
  std::string line = fmt::format("{} of {} trials ({:.1f} %), {} diverged, {} failed", run, now.cells,
                                 100.0 * static_cast<double>(run) / static_cast<double>(now.cells),
                                 now.diverged, now.failed);
  if (now.pending == 0) return line + ", complete";
  if (rate <= 0) return line;
  return line + fmt::format(", {:.0f} trials/s, {} left", rate,
                            core::to_duration_text(static_cast<double>(now.pending) / rate));
}

/// Replaces what it has shown before by what it shows now.
class Screen {
 public:
  void show(const std::string& text) {
    if (lines_ > 0) fmt::print("\x1b[{}A\x1b[J", lines_);
    fmt::print("{}", text);
    lines_ = std::count(text.begin(), text.end(), '\n');
  }

 private:
  std::int64_t lines_ = 0;
};

}  // namespace

core::ExitCode watch_status(const std::filesystem::path& path) {
  const bool is_terminal = isatty(STDOUT_FILENO) != 0;
  const double interval = is_terminal ? table_seconds : line_seconds;
  const Stopwatch since_start;
  const Count first = count(store::ResultsReader(path));
  Screen screen;
  for (double shown = -interval;; std::this_thread::sleep_for(pause)) {
    const store::ResultsReader file(path);  // anew: --overwrite may have replaced it
    const Count now = count(file);
    const double seconds = since_start.seconds();
    if (now.pending > 0 && seconds - shown < interval) continue;
    shown = seconds;
    const std::string line = progress_line(now, first, seconds);
    if (is_terminal)
      screen.show(fmt::format("{}: {}\n{}\n{}", path.string(), file.description().title, line, table(file)));
    else
      fmt::print("{}\n{}", line, now.pending == 0 ? table(file) : "");
    if (std::fflush(stdout) != 0 || now.pending == 0) return core::ExitCode::success;  // main tells why
  }
}

}  // namespace rhosweep::app
