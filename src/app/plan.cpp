#include "commands.hpp"

#include "rhosweep/core/print.hpp"
#include "rhosweep/core/text.hpp"
#include "rhosweep/store/file_size.hpp"
#include "rhosweep/study/blocks.hpp"
#include "rhosweep/study/measure_speed.hpp"
#include "rhosweep/study/outlook.hpp"
#include "rhosweep/study/reuse.hpp"
#include "rhosweep/study/study.hpp"

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

namespace rhosweep::app {

namespace {

/// Prints the predictions for fewer and for more ranks, and advice.
void print_ranks(const study::Forecaster& forecaster, const study::Outlook& planned) {
  core::print("\n{:>10} {:>10} {:>10} {:>10} {:>14} {:>14} {:>7} {:>9}\n", "ranks", "master", "blocks",
              "trials", "longest block", "time", "busy", "messages");
  for (const std::int64_t ranks : {planned.ranks / 4, planned.ranks / 2, planned.ranks, 2 * planned.ranks}) {
    if (ranks < 1) continue;
    const study::Outlook outlook = ranks == planned.ranks ? planned : forecaster.predict(ranks);
    core::print("{:>10} {:>10} {:>10} {:>10} {:>14} {:>14} {:>5.1f} % {:>7.1f} %\n", ranks,
                outlook.mode == sched::MasterMode::working ? "working" : "dedicated", outlook.blocks,
                outlook.width, core::to_duration_text(outlook.block_seconds),
                core::to_duration_text(outlook.seconds), 100 * outlook.utilisation,
                100 * outlook.master_share);
  }
  core::print("\n");
  for (const std::string& line : forecaster.advice(planned)) core::print("  {}\n", line);
}

/// Prints the memory that the trials need and the predicted time.
/// @param to_run the cells that the run would compute
void print_cost(const study::Study& study, const model::Partition& blocks, const model::CellSet& to_run,
                std::int64_t ranks) {
  if (to_run.size() == 0) {
    core::print("  predicted time            none: nothing is left to run\n");
    return;
  }
  const core::PointIndex first;
  if (!study.runner(first).cost(study.sweep().sgd(first)).counts_operations) {
    core::print("  memory                    unknown: depends on the program, which runs once per rank\n");
    core::print("  predicted time            unknown: depends on the program\n");
    return;
  }
  const study::Forecaster forecaster(study, measure_speed(study, blocks), to_run);
  const study::Outlook outlook = forecaster.predict(ranks);
  core::print("  memory                    {} of data per node, {} of iterates per rank\n",
              core::to_byte_text(static_cast<double>(study.data_bytes())),
              core::to_byte_text(static_cast<double>(study::block_bytes(study, blocks.width()))));
  core::print("  predicted time            {} ({} of one core, measured on this machine)\n",
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
  for (const auto& axis : grid.axes) core::print("  axis {:<20} {} values\n", axis.key, axis.size());
  core::print("  seeds                     {}\n", grid.seeds.size());
  core::print("  schedules                 {}\n", grid.schedules.size());
  core::print("  rho                       {} values from {} to {}\n", grid.rhos.size(), grid.rhos.front(),
              grid.rhos.back());
  core::print("  trials                    {}\n", grid.cells());
  if (options.shard) core::print("  in shard {:<16} {}\n", options.shard->text(), in_shard);
  if (!sources.empty())
    core::print("  reused                    {}, which leaves {}\n", in_shard - trials, trials);
  if (trials < grid.cells())
    core::print("  share of the work         {:.1f} % of the whole sweep\n", 100 * share);
  core::print("  blocks                    {} of at most {} trials, for {}\n", blocks.source().remaining(),
              blocks.partition().width(), core::counted(ranks, "rank"));
  core::print("  results file              {}\n",
              core::to_byte_text(static_cast<double>(store::file_bytes(grid, first_metrics, evaluations))));
  print_cost(study, blocks.partition(), to_run, ranks);
  return core::ExitCode::success;
}

}  // namespace rhosweep::app
