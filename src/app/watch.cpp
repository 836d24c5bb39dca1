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
#include <vector>

#include <fmt/format.h>
#include <unistd.h>

namespace rhosweep::app {

using model::CellStatus;

namespace {

constexpr double table_seconds = 1.0;
constexpr double line_seconds = 10.0;
constexpr std::chrono::milliseconds pause{500};
constexpr std::int64_t most_schedules = 20;

/// The best stepsize of a schedule so far.
struct Best {
  double stepsize = analysis::unknown;
  double rho = analysis::unknown;
  double mean = analysis::unknown;
};

/// What the finished seeds of an axes point say. A seed is finished when none of its trials at the point is
/// pending, so that all stepsizes are compared on the same seeds.
struct PointSoFar {
  std::int64_t seeds = 0;
  std::vector<Best> best;  ///< (schedules)
};

PointSoFar so_far(const store::ResultsReader& file, const std::string& metric, core::PointIndex point) {
  const model::Grid& grid = file.description().grid;
  const std::int64_t stream = grid.trials_per_stream();
  const std::int64_t rhos = std::ssize(grid.rhos);
  // The status first: a cell that is not pending then has its values, also while a run is writing.
  const auto status = file.read_status(point);
  const auto final = file.read_final(metric, point);
  PointSoFar found{.best = std::vector<Best>(grid.schedules.size())};
  std::vector<double> sums(stream, 0.0);
  for (std::int64_t seed = 0; seed < std::ssize(grid.seeds); ++seed) {
    const auto first = status.begin() + seed * stream;
    if (std::find(first, first + stream, CellStatus::pending) != first + stream) continue;
    ++found.seeds;
    for (std::int64_t i = 0; i < stream; ++i) {
      const bool is_done = first[i] == CellStatus::done;
      sums[i] += is_done ? final[seed * stream + i] : first[i] == CellStatus::diverged ? INFINITY : NAN;
    }
  }
  if (found.seeds == 0) return found;
  const bool more_is_better = metric.ends_with("accuracy");
  for (std::int64_t i = 0; i < stream; ++i) {
    Best& best = found.best[i / rhos];
    const double mean = sums[i] / static_cast<double>(found.seeds);
    const bool is_better = std::isnan(best.mean) || (more_is_better ? mean > best.mean : mean < best.mean);
    if (std::isfinite(mean) && is_better)
      best = {.stepsize = file.stepsizes(point)[i], .rho = grid.rhos[i % rhos], .mean = mean};
  }
  return found;
}

std::string number(double value) {
  return std::isnan(value) ? "-" : fmt::format("{:.4g}", value);
}

/// The best so far at the axes point that is being worked on: the last one with a finished seed.
std::string table(const store::ResultsReader& file) {
  const model::Grid& grid = file.description().grid;
  const std::string metric = analysis::default_metric(file);
  PointSoFar found;
  core::PointIndex at;
  for (std::int64_t p = grid.points() - 1; p >= 0 && found.seeds == 0; --p) {
    at = core::PointIndex{p};
    found = so_far(file, metric, at);
  }
  if (found.seeds == 0) return "no seed has finished yet at every schedule and rho\n";
  const std::string where = analysis::label(analysis::axes_at(grid, at));
  std::string text = fmt::format("best so far{}{}, by the {} of {} of {} seeds\n",
                                 where.empty() ? "" : " at ", where, metric, found.seeds, grid.seeds.size());
  std::size_t width = std::string("schedule").size();
  for (const auto& schedule : grid.schedules) width = std::max(width, schedule.spec().size());
  text +=
      fmt::format("  {:<{}}  {:>13}  {:>9}  {:>11}\n", "schedule", width, "best stepsize", "at rho", metric);
  for (std::int64_t s = 0; s < std::min(most_schedules, std::ssize(grid.schedules)); ++s)
    text +=
        fmt::format("  {:<{}}  {:>13}  {:>9}  {:>11}\n", grid.schedules[s].spec(), width,
                    number(found.best[s].stepsize), number(found.best[s].rho), number(found.best[s].mean));
  if (std::ssize(grid.schedules) > most_schedules)
    text += fmt::format("  … and {} more\n", std::ssize(grid.schedules) - most_schedules);
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
