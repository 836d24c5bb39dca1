#include "commands.hpp"
#include "pause.hpp"
#include "progress.hpp"
#include "quick_look.hpp"
#include "screen.hpp"

#include "rhosweep/analysis/analysis.hpp"
#include "rhosweep/analysis/render.hpp"
#include "rhosweep/core/error.hpp"
#include "rhosweep/core/print.hpp"
#include "rhosweep/core/text.hpp"
#include "rhosweep/core/text_table.hpp"
#include "rhosweep/store/results_reader.hpp"
#include "rhosweep/study/resume.hpp"
#include "rhosweep/study/stopwatch.hpp"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace rhosweep::app {

using model::CellStatus;

namespace {

constexpr double table_seconds = 1.0;
constexpr double line_seconds = 10.0;
constexpr std::int64_t most_schedules = 20;

/// Returns the table of the best stepsizes so far at the last axes point with a complete seed. This is
/// usually the point at which trials are running.
std::string table(const store::ResultsReader& file) {
  const analysis::Analyser analyser(file, quick_look());
  std::int64_t at = analyser.groups() - 1;
  while (at >= 0 && analyser.coverage(at).complete_seeds == 0) --at;
  if (at < 0) return "no seed has finished all schedules and rho yet\n";
  const analysis::Group group = analyser.group(at);
  const std::string& metric = analyser.metric();
  const std::string where = analysis::label(group.axes);
  std::string text =
      fmt::format("best so far{}{}, by the {} of {}\n", where.empty() ? "" : " at ", where, metric,
                  core::part_of(group.coverage.seeds_used(), group.coverage.of_seeds, "seed"));
  core::TextTable table("  ");
  table.add(analysis::best_head(metric));
  for (std::int64_t s = 0; s < std::min(most_schedules, std::ssize(group.schedules)); ++s)
    table.add(analysis::best_row(group.schedules[s]));
  text += table.text();
  if (std::ssize(group.schedules) > most_schedules)
    text += fmt::format("  … and {} more\n", std::ssize(group.schedules) - most_schedules);
  return text;
}

struct Count {
  std::int64_t cells = 0;
  std::int64_t pending = 0;
  std::int64_t not_needed = 0;
  std::int64_t diverged = 0;
  std::int64_t failed = 0;
  std::int64_t stopped = 0;
};

Count count(const store::ResultsReader& file) {
  const auto counts = file.count_status();
  return {.cells = file.description().grid.included_cells(),
          .pending = counts[CellStatus::pending],
          .not_needed = counts[CellStatus::not_needed],
          .diverged = counts[CellStatus::diverged],
          .failed = counts[CellStatus::failed],
          .stopped = counts[CellStatus::stopped]};
}

/// Returns a line with the progress of the run and its speed since the first look at the file.
/// @param is_search whether the run is a search, whose number of remaining trials is unknown
std::string progress_line(const Count& now, const Count& first, double seconds, bool is_search) {
  const std::int64_t run = now.cells - now.pending - now.not_needed;
  const double rate = seconds > 0 ? static_cast<double>(first.pending - now.pending) / seconds : 0.0;
  std::string line = fmt::format(
      "{} ({:.1f} %), {} diverged, {} failed", core::part_of(run, now.cells, "trial"),
      100.0 * static_cast<double>(run) / static_cast<double>(now.cells), now.diverged, now.failed);
  if (now.stopped > 0) line += fmt::format(", {} stopped", now.stopped);
  if (now.pending == 0) return line + ", complete";
  if (rate <= 0) return line;
  if (is_search) return line + fmt::format(", {}", rate_text(rate));
  return line + fmt::format(", {}, {} left", rate_text(rate),
                            core::to_duration_text(static_cast<double>(now.pending) / rate));
}

/// Returns the device and inode of a file, which change when the file is replaced; nullopt if there is no
/// file.
std::optional<std::pair<dev_t, ino_t>> identity(const std::filesystem::path& path) {
  struct stat file {};
  if (::stat(path.c_str(), &file) == 0) return std::pair{file.st_dev, file.st_ino};
  if (errno != ENOENT) throw core::FileError(path.string(), std::generic_category().message(errno));
  return std::nullopt;
}

/// Shows the progress of a results file at each look, until the file is complete.
class Watch {
 public:
  explicit Watch(std::filesystem::path path) : path_(std::move(path)) {}

  /// Reads the file and shows its progress if that is due. @return whether the file is complete
  bool look() {
    const auto now = identity(path_);
    if (now != seen_) {  // --overwrite has replaced the file, or the file was removed
      seen_ = now;
      first_.reset();
      shown_.reset();
    }
    const bool is_due = !shown_ || shown_->seconds() >= (is_terminal_ ? table_seconds : line_seconds);
    if (!now) {
      if (!shown_) say(fmt::format("{}: no such file, waiting for it\n", path_.string()));
      shown_ = study::Stopwatch();
      return false;
    }
    const store::ResultsReader file = study::open_results(path_);
    const Count counts = count(file);
    if (is_due || counts.pending == 0) show(file, counts);
    return counts.pending == 0;
  }

  /// Ends the line on which the terminal shows ^C.
  void leave() const {
    if (is_terminal_) core::print("\n");
  }

 private:
  void show(const store::ResultsReader& file, const Count& now) {
    if (!first_) {
      first_ = now;
      since_first_ = study::Stopwatch();
    }
    const std::string line =
        progress_line(now, *first_, since_first_.seconds(), file.description().search.has_value());
    if (is_terminal_)
      say(fmt::format("{}: {}\n{}\n{}", path_.string(), core::short_label(file.description().title), line,
                      table(file)));
    else
      say(fmt::format("{}\n{}", line, now.pending == 0 ? table(file) : ""));
    shown_ = study::Stopwatch();
  }

  void say(const std::string& text) {
    if (is_terminal_)
      screen_.show(core::printable(text));
    else
      core::print_text(text);
  }

  std::filesystem::path path_;
  bool is_terminal_ = ::isatty(STDOUT_FILENO) != 0;
  Screen screen_;
  std::optional<std::pair<dev_t, ino_t>> seen_;
  std::optional<Count> first_;  ///< counts at the first look at the present file
  study::Stopwatch since_first_;
  std::optional<study::Stopwatch> shown_;  ///< time since the file's last line was shown
};

}  // namespace

core::ExitCode watch_status(const std::filesystem::path& path) {
  const Pause pause;
  Watch watch(path);
  while (!watch.look()) {
    if (std::fflush(stdout) != 0) break;  // main reports the error
    if (pause.wait()) continue;
    watch.leave();
    return core::ExitCode::drained;
  }
  return core::ExitCode::success;
}

}  // namespace rhosweep::app
