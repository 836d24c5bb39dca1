#include "commands.hpp"
#include "sbatch_line.hpp"

#include "rhosweep/core/log.hpp"
#include "rhosweep/core/print.hpp"
#include "rhosweep/core/shell_word.hpp"
#include "rhosweep/core/text.hpp"
#include "rhosweep/core/text_table.hpp"
#include "rhosweep/store/file_size.hpp"
#include "rhosweep/study/blocks.hpp"
#include "rhosweep/study/job_request.hpp"
#include "rhosweep/study/measure_speed.hpp"
#include "rhosweep/study/outlook.hpp"
#include "rhosweep/study/reuse.hpp"
#include "rhosweep/study/rounds.hpp"
#include "rhosweep/study/stopwatch.hpp"
#include "rhosweep/study/study.hpp"

#include <algorithm>
#include <cstdio>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace rhosweep::app {

namespace {

/// Prints a line of the plan.
template <class... Args>
void print_fact(const std::string& name, fmt::format_string<Args...> format, Args&&... args) {
  const std::string text = fmt::format(format, std::forward<Args>(args)...);
  core::print_text(core::beside(fmt::format("  {:<25} ", name), text) + '\n');
}

/// Prints the predictions for fewer and for more ranks, and advice.
void print_ranks(const study::Forecaster& forecaster, const study::Outlook& planned) {
  core::TextTable table("  ");
  table.add({"ranks", "master", "blocks", "trials", "longest", "time", "busy", "messages"});
  for (const std::int64_t ranks : {planned.ranks / 4, planned.ranks / 2, planned.ranks, 2 * planned.ranks}) {
    if (ranks < 1) continue;
    const study::Outlook outlook = ranks == planned.ranks ? planned : forecaster.predict(ranks);
    table.add({fmt::format("{}", ranks), outlook.mode == sched::MasterMode::working ? "working" : "dedicated",
               fmt::format("{}", outlook.blocks), fmt::format("{}", outlook.width),
               core::to_duration_text(outlook.block_seconds), core::to_duration_text(outlook.seconds),
               fmt::format("{:.1f} %", 100 * outlook.utilisation),
               fmt::format("{:.1f} %", 100 * outlook.master_share)});
  }
  core::print("\n{}\n", table.text());
  for (const std::string& line : forecaster.advice(planned)) core::print("  {}\n", line);
}

/// Whether rhosweep can count the operations of a trial. It cannot if the trial runs a program.
bool counts_operations(const study::Study& study) {
  const core::PointIndex first = study.grid().first_point();
  return study.runner(first).cost(study.sweep().sgd(first)).counts_operations;
}

/// Returns the speed of a core in units of Study::trial_costs() per second; nullopt if it is unknown.
std::optional<double> speed_of(const study::Study& study, const model::Partition& blocks,
                               const std::optional<double>& seconds_per_trial) {
  if (seconds_per_trial) return study.trial_costs()[study.grid().first_point().value] / *seconds_per_trial;
  if (counts_operations(study)) return measure_speed(study, blocks);
  return std::nullopt;
}

/// Prints the memory that the trials need and the predicted time.
/// @param to_run the cells that the run would compute
/// @param first the cells of a search's first round; empty: there is no search
void print_cost(const study::Study& study, const model::Partition& blocks, const model::CellSet& to_run,
                const model::CellSet& first, const PlanOptions& options) {
  if (to_run.size() == 0) {
    print_fact("predicted time", "none: nothing is left to run");
    return;
  }
  if (counts_operations(study)) {
    print_fact("memory per node", "{} of data", core::to_byte_text(static_cast<double>(study.data_bytes())));
    print_fact("memory per rank", "{} of iterates",
               core::to_byte_text(static_cast<double>(study::block_bytes(study, blocks.width()))));
  } else {
    print_fact("memory", "unknown: depends on the program, which runs once per rank");
  }
  const std::optional<double> speed = speed_of(study, blocks, options.seconds_per_trial);
  if (!speed) {
    print_fact("predicted time", "unknown: depends on the program; add --seconds-per-trial");
    return;
  }
  if (first.size() > 0) {
    const study::Forecaster round(study, *speed, first);
    print_fact("time of the first round", "{} ({} of one core)",
               core::to_duration_text(round.predict(options.ranks.value_or(1)).seconds),
               core::to_duration_text(round.core_seconds()));
  }
  const study::Forecaster forecaster(study, *speed, to_run);
  const study::Outlook outlook = forecaster.predict(options.ranks.value_or(1));
  print_fact("predicted time", "{} ({} of one core, {})", core::to_duration_text(outlook.seconds),
             core::to_duration_text(forecaster.core_seconds()),
             options.seconds_per_trial ? "at the given time of a trial" : "measured on this machine");
  if (outlook.ranks > 1) print_ranks(forecaster, outlook);
}

/// Logs how the number of ranks was chosen and, if the jobs are longer than study::longest_job, why.
void explain(const study::JobRequest& request, const PlanOptions& options, bool has_search) {
  if (!options.ranks)
    core::log::info("ranks: the most that are {:.0f} % busy, at most {} and one per block",
                    100 * study::busy_enough, study::most_ranks_unasked);
  else if (request.outlook.utilisation<study::busy_enough&& * options.ranks> 1)
    core::log::info("without --ranks it would be as many ranks as are {:.0f} % busy",
                    100 * study::busy_enough);
  if (request.seconds <= study::longest_job || options.shard || has_search) return;
  core::log::info(
      "a job asks for more than {:.0f} h: a block takes {},\n  and a job has a block for each rank",
      study::longest_job / 3600.0, core::to_duration_text(request.outlook.block_seconds));
}

/// Prints the command that submits the sweep to Slurm, and its assumptions to standard error.
/// @param set_up seconds that reading the sweep and its data took
core::ExitCode print_sbatch(const study::Study& study, const model::CellSet& to_run, std::int64_t file_bytes,
                            double set_up, const PlanOptions& options) {
  constexpr double bytes_per_second = 100e6;  // of a slow disk
  if (to_run.size() == 0) {
    core::log::info("nothing is left to run");
    return core::ExitCode::success;
  }
  const study::BlocksToRun blocks(study, 1, to_run);
  const auto speed = speed_of(study, blocks.partition(), options.seconds_per_trial);
  if (!speed)
    throw core::InputError(fmt::format(
        "--sbatch: the time of a program is unknown; add --seconds-per-trial S, as `rhosweep try {}` "
        "measures it",
        core::shell_file(options.sweep.file)));
  const bool has_search = study.sweep().search().has_value();
  const bool is_undivided =
      options.shard || has_search;  // the rounds of a search need the results of all cells
  const study::JobRequest request = study::request_job(
      study, *speed, to_run,
      {.ranks = options.ranks,
       .most_shards = is_undivided ? 1 : study::JobSettings{}.most_shards,
       .overhead = {.set_up = set_up, .make_file = static_cast<double>(file_bytes) / bytes_per_second}});
  constexpr double year = 366.0 * 86400.0;
  if (request.seconds > year)
    core::refuse("--sbatch", "jobs of " + core::to_duration_text(request.seconds),
                 "at most a year; a smaller sweep or more --ranks");
  core::log::info("{} of {}, predicted to take {}, {:.0f} % busy", core::counted(request.shards, "job"),
                  core::counted(request.outlook.ranks, "rank"),
                  core::to_duration_text(request.outlook.seconds), 100 * request.outlook.utilisation);
  if (has_search) {
    model::CellSet first = study::first_cells(study);
    first.intersect(to_run);
    core::log::info(
        "the job asks for the time of all {}.\n  The first round of the search has {} of them ({}), the later "
        "rounds those that it needs,\n  one round after another, with fewer trials than ranks if there are many ranks",
        core::counted(to_run.size(), "trial"), first.size(),
        core::percent_text(static_cast<double>(first.size()) / static_cast<double>(to_run.size())));
  }
  explain(request, options, has_search);
  core::print_unbroken(sbatch_line(options, request) + '\n');
  return core::ExitCode::success;
}

/// Says how many ρ the schedules visit: "5 by polynomial(2), else 9".
std::string visited_text(const model::Grid& grid) {
  const std::int64_t rhos = std::ssize(grid.rhos);
  std::string text;
  for (std::int64_t s = 0; s < std::ssize(grid.schedules); ++s)
    if (const std::int64_t visited = std::ssize(grid.rhos_of(s)); visited < rhos)
      text += fmt::format("{} by {}, ", visited, core::short_label(grid.schedules[s].name()));
  return text + fmt::format("else {}", rhos);
}

}  // namespace

core::ExitCode print_plan(const PlanOptions& options) {
  const study::Stopwatch stopwatch;
  const study::Study study = study::Study::prepare(options.sweep);
  const double set_up = stopwatch.seconds();
  const std::int64_t ranks = options.ranks.value_or(1);
  const model::Grid& grid = study.grid();
  const study::Sources sources(options.reuse);
  model::CellSet to_run =
      options.shard ? study::shard_cells(study, *options.shard) : model::CellSet::all(grid);
  const std::int64_t in_shard = to_run.size();
  if (!sources.empty()) sources.count(study.describe_file(), to_run);
  const std::int64_t trials = to_run.size();
  const double share = study::cost_of(study, to_run) / study::cost_of(study, model::CellSet::all(grid));
  const std::int64_t file_bytes =
      store::file_bytes(grid, std::ssize(study.runner(grid.first_point()).metrics()),
                        study.sweep().sgd(core::PointIndex{0}).evaluations);
  if (options.sbatch) return print_sbatch(study, to_run, file_bytes, set_up, options);
  const study::BlocksToRun blocks(study, ranks, to_run);

  core::print("{}\n", core::short_label(study.sweep().title()));
  for (const auto& axis : grid.axes)
    print_fact(fmt::format("axis {}", axis.name()), "{}", core::counted(axis.size(), "value"));
  print_fact("seeds", "{}", grid.seeds.size());
  print_fact("schedules", "{}", grid.schedules.size());
  print_fact("rho", "{} from {} to {}", core::counted(std::ssize(grid.rhos), "value"), grid.rhos.front(),
             grid.rhos.back());
  if (!grid.excluded_trials.empty()) print_fact("rho visited", "{}", visited_text(grid));
  if (!grid.excluded.empty())
    print_fact("excluded", "{} of {} axes points", grid.axes_points() - grid.included_points(),
               grid.axes_points());
  print_fact("trials", "{}", grid.included_cells());
  model::CellSet first(grid);
  if (study.sweep().search()) {
    first = study::first_cells(study);
    first.intersect(to_run);
    print_fact("search", "runs {} of them in the first round, then what it needs; what follows is for all",
               first.size());
  }
  if (study.sweep().stop_when()) {
    model::CellSet whole = study::first_trials(grid, study.stop_rule());
    whole.intersect(to_run);
    print_fact("stop_when",
               "runs {} of them first, then stops hopeless ones of the others; what follows is "
               "without stops",
               whole.size());
  }
  if (options.shard) print_fact(fmt::format("in shard {}", options.shard->text()), "{}", in_shard);
  if (!sources.empty()) {
    if (study.sweep().search())  // copies only the cells that its rounds ask for
      print_fact("reused", "at most {}, of {}", in_shard - trials, in_shard);
    else
      print_fact("reused", "{}, which leaves {}", in_shard - trials, trials);
  }
  if (trials < grid.included_cells())
    print_fact("share of the work", "{:.1f} % of the whole sweep", 100 * share);
  print_fact("blocks", "{} of at most {}, for {}", blocks.source().remaining(),
             core::counted(blocks.partition().width(), "trial"), core::counted(ranks, "rank"));
  print_fact("results file", "{}", core::to_byte_text(static_cast<double>(file_bytes)));
  print_cost(study, blocks.partition(), to_run, first, options);
  return core::ExitCode::success;
}

}  // namespace rhosweep::app
