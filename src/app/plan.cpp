#include "commands.hpp"

#include "rhosweep/core/print.hpp"
#include "rhosweep/core/text.hpp"
#include "rhosweep/core/text_table.hpp"
#include "rhosweep/store/file_size.hpp"
#include "rhosweep/study/blocks.hpp"
#include "rhosweep/study/measure_speed.hpp"
#include "rhosweep/study/outlook.hpp"
#include "rhosweep/study/reuse.hpp"
#include "rhosweep/study/study.hpp"

#include <algorithm>
#include <cstdio>
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

/// Prints the memory that the trials need and the predicted time.
/// @param to_run the cells that the run would compute
void print_cost(const study::Study& study, const model::Partition& blocks, const model::CellSet& to_run,
                std::int64_t ranks) {
  if (to_run.size() == 0) {
    print_fact("predicted time", "none: nothing is left to run");
    return;
  }
  const core::PointIndex first;
  if (!study.runner(first).cost(study.sweep().sgd(first)).counts_operations) {
    print_fact("memory", "unknown: depends on the program, which runs once per rank");
    print_fact("predicted time", "unknown: depends on the program");
    return;
  }
  const study::Forecaster forecaster(study, measure_speed(study, blocks), to_run);
  const study::Outlook outlook = forecaster.predict(ranks);
  print_fact("memory per node", "{} of data", core::to_byte_text(static_cast<double>(study.data_bytes())));
  print_fact("memory per rank", "{} of iterates",
             core::to_byte_text(static_cast<double>(study::block_bytes(study, blocks.width()))));
  print_fact("predicted time", "{} ({} of one core, measured on this machine)",
             core::to_duration_text(outlook.seconds), core::to_duration_text(forecaster.core_seconds()));
  if (ranks > 1) print_ranks(forecaster, outlook);
}

}  // namespace

core::ExitCode print_plan(const PlanOptions& options) {
  const study::Study study = study::Study::prepare(options.sweep);
  const std::int64_t ranks = options.ranks;
  const model::Grid& grid = study.grid();
  const study::Sources sources(options.reuse);
  model::CellSet to_run =
      options.shard ? study::shard_cells(study, *options.shard) : model::CellSet::all(grid);
  const std::int64_t in_shard = to_run.size();
  if (!sources.empty()) sources.count(study.describe_file(), to_run);
  const std::int64_t trials = to_run.size();
  const double share = study::cost_of(study, to_run) / study::cost_of(study, model::CellSet::all(grid));
  const study::BlocksToRun blocks(study, ranks, to_run);
  const auto first_metrics = std::ssize(study.runner(core::PointIndex{0}).metrics());
  const std::int64_t evaluations = study.sweep().sgd(core::PointIndex{0}).evaluations;

  core::print("{}\n", study.sweep().title());
  for (const auto& axis : grid.axes) print_fact(fmt::format("axis {}", axis.key), "{} values", axis.size());
  print_fact("seeds", "{}", grid.seeds.size());
  print_fact("schedules", "{}", grid.schedules.size());
  print_fact("rho", "{} values from {} to {}", grid.rhos.size(), grid.rhos.front(), grid.rhos.back());
  print_fact("trials", "{}", grid.cells());
  if (options.shard) print_fact(fmt::format("in shard {}", options.shard->text()), "{}", in_shard);
  if (!sources.empty()) print_fact("reused", "{}, which leaves {}", in_shard - trials, trials);
  if (trials < grid.cells()) print_fact("share of the work", "{:.1f} % of the whole sweep", 100 * share);
  print_fact("blocks", "{} of at most {} trials, for {}", blocks.source().remaining(),
             blocks.partition().width(), core::counted(ranks, "rank"));
  print_fact("results file", "{}",
             core::to_byte_text(static_cast<double>(store::file_bytes(grid, first_metrics, evaluations))));
  print_cost(study, blocks.partition(), to_run, ranks);
  return core::ExitCode::success;
}

}  // namespace rhosweep::app
