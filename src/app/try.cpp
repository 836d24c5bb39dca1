#include "commands.hpp"

#include "rhosweep/core/elementary.hpp"
#include "rhosweep/core/print.hpp"
#include "rhosweep/core/shell_word.hpp"
#include "rhosweep/core/text.hpp"
#include "rhosweep/core/text_table.hpp"
#include "rhosweep/study/blocks.hpp"
#include "rhosweep/study/cell_label.hpp"
#include "rhosweep/study/stopwatch.hpp"
#include "rhosweep/study/study.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace rhosweep::app {

using model::CellStatus;

namespace {

/// Prints what a program writes. Each line begins with the mark of its stream.
class MarkedLines {
 public:
  explicit MarkedLines(const char* mark) : mark_(mark) {}
  MarkedLines(const MarkedLines&) = delete;
  MarkedLines& operator=(const MarkedLines&) = delete;
  /// Prints the last line if it lacks a line end.
  ~MarkedLines() {
    if (!line_.empty()) print();
  }

  void take(std::string_view text) {
    for (const char c : text) {
      if (c != '\n')
        line_ += c;
      else
        print();
    }
    std::fflush(stdout);
  }

 private:
  void print() {
    core::print_unbroken(fmt::format("{} {}\n", mark_, core::one_line(line_)));
    line_.clear();
  }

  const char* mark_;
  std::string line_;
};

const char* word(CellStatus status) {
  switch (status) {
    case CellStatus::done:
      return "done";
    case CellStatus::diverged:
      return "diverged";
    case CellStatus::failed:
      return "failed";
    case CellStatus::pending:
    case CellStatus::not_needed:
    case CellStatus::excluded:
    case CellStatus::stopped:
      break;
  }
  return "pending";
}

/// Returns the trials to try, at the first axes point that is not left out and at the first seed. For a
/// program that runs one trial at a time, this is the trial with the first schedule and the ρ nearest to 1.
/// Otherwise it is the largest possible block, usually all schedules and ρ.
model::Block choose(const study::Study& study) {
  const model::Grid& grid = study.grid();
  const core::PointIndex point = grid.first_point();
  if (study.runner(point).program() && study::block_widths(study).most == 1) {
    const std::vector<std::int64_t> rhos = grid.rhos_of(0);
    const auto nearest = std::ranges::min_element(
        rhos, {}, [&](std::int64_t rho) { return std::abs(core::elementary::log(grid.rhos[rho])); });
    return {.point = point, .seed = 0, .first = *nearest, .trials = 1};
  }
  return {.point = point,
          .seed = 0,
          .first = 0,
          .trials = std::min(study::block_widths(study).most, grid.trials_per_seed())};
}

model::BlockResult run_shown(const study::Study& study, const model::Block& block) {
  const model::TrialRunner& runner = study.runner(block.point);
  const model::SgdSettings sgd = study.sweep().sgd(block.point);
  const std::int64_t seed = study.grid().seeds[block.seed];
  const std::vector<model::Trial> trials = study.trials(block);
  const model::Yield yield = [] { return true; };
  if (!runner.program()) return runner.run(sgd, seed, trials, yield).value();
  MarkedLines output("|");
  MarkedLines error("!");
  MarkedLines report(">");
  const model::TrialObserver observer{
      .started = [](const std::string& command) { core::print_unbroken(fmt::format("runs {}\n", command)); },
      .output = [&](std::string_view text) { output.take(text); },
      .error = [&](std::string_view text) { error.take(text); },
      .report = [&](std::string_view text) { report.take(text); }};
  return runner.run_observed(sgd, seed, trials, observer, yield).value();
}

/// Returns the indices of the trials to show: all trials if there are few; else, for each schedule, the trial
/// with ρ nearest to 1.
std::vector<std::int64_t> rows_of(const std::vector<model::Trial>& trials) {
  constexpr std::size_t few = 20;
  std::vector<std::int64_t> rows;
  for (std::int64_t i = 0; i < std::ssize(trials); ++i) {
    const auto distance = [&](std::int64_t row) { return std::abs(core::elementary::log(trials[row].rho)); };
    if (trials.size() <= few || rows.empty() || trials[rows.back()].schedule != trials[i].schedule)
      rows.push_back(i);
    else if (distance(i) < distance(rows.back()))
      rows.back() = i;
  }
  return rows;
}

std::string number(double value) {
  return fmt::format("{:.6g}", value);
}

/// Prints a row for each trial, with the metrics at the last step.
void print_trials(const study::Study& study, const model::Block& block, const model::BlockResult& result) {
  const auto& metrics = study.runner(block.point).metrics();
  const std::vector<model::Trial> trials = study.trials(block);
  std::vector<std::string> head{"schedule", "rho", "stepsize", "status"};
  for (const model::Metric& metric : metrics) head.push_back(metric.name);
  core::TextTable table;
  table.add(std::move(head));
  const std::vector<std::int64_t> rows = rows_of(trials);
  for (const std::int64_t i : rows) {
    std::vector<std::string> row{trials[i].schedule->name(), fmt::format("{:.4g}", trials[i].rho),
                                 fmt::format("{:.4g}", trials[i].stepsize), word(result.status[i])};
    for (std::int64_t m = 0; m < std::ssize(metrics); ++m)
      row.push_back(number(result.final[m * block.trials + i]));
    table.add(std::move(row));
  }
  core::print("{}", table.text());
  if (std::ssize(rows) < block.trials)
    core::print("… and {} more with other rho\n", block.trials - std::ssize(rows));
}

/// Prints the learning curve of a single trial.
void print_curve(const study::Study& study, core::PointIndex point, const model::BlockResult& result) {
  const auto& metrics = study.runner(point).metrics();
  const model::SgdSettings sgd = study.sweep().sgd(point);
  const auto steps = model::evaluation_steps(sgd.steps, sgd.evaluations);
  std::vector<std::string> head{"step"};
  for (const model::Metric& metric : metrics) head.push_back(metric.name);
  core::TextTable table;
  table.add(std::move(head));
  for (std::int64_t e = 0; e < std::ssize(steps); ++e) {
    std::vector<std::string> row{fmt::format("{}", steps[e])};
    for (std::int64_t m = 0; m < std::ssize(metrics); ++m)
      row.push_back(number(result.curve[m * std::ssize(steps) + e]));
    table.add(std::move(row));
  }
  core::print("\nreported\n{}", table.text());
}

}  // namespace

core::ExitCode try_sweep(const study::SweepOptions& options) {
  const study::Study study = study::Study::prepare(options);
  const model::Block block = choose(study);
  core::print("{}\n{}{}\n", core::short_label(study.sweep().title()),
              block.trials == 1 ? "trial: " : core::counted(block.trials, "trial") + ", the first: ",
              study::cell_label(study.grid(), block));
  const study::Stopwatch stopwatch;
  const model::BlockResult result = run_shown(study, block);
  const double seconds = stopwatch.seconds();
  const bool has_failed = std::ranges::count(result.status, CellStatus::failed) > 0;
  if (study.runner(block.point).program() && result.status.front() != CellStatus::failed)
    print_curve(study, block.point, result.part(0, 1));
  core::print("\n");
  print_trials(study, block, result);
  if (has_failed) core::print("failed: {}\n", result.failure);

  const double cost = study.trial_costs()[block.point.value] * static_cast<double>(block.trials);
  const double whole = study::cost_of(study, model::CellSet::all(study.grid()));
  core::print("\n{} took {}.\nAll {} of the sweep would take about {} of one core.\nNothing was written.\n",
              core::counted(block.trials, "trial"), core::to_duration_text(seconds),
              study.grid().included_cells(), core::to_duration_text(seconds * whole / cost));
  if (study.runner(block.point).program() && !has_failed)
    core::print_unbroken(fmt::format("To predict a run: rhosweep plan {} --seconds-per-trial {:.3g}\n",
                                     core::shell_file(options.file),
                                     std::max(seconds / static_cast<double>(block.trials), 1e-6)));
  return has_failed ? core::ExitCode::failure : core::ExitCode::success;
}

}  // namespace rhosweep::app
