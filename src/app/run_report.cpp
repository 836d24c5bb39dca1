#include "run_report.hpp"

#include "sbatch_line.hpp"

#include "rhosweep/core/text.hpp"
#include "rhosweep/study/blocks.hpp"
#include "rhosweep/study/job_request.hpp"
#include "rhosweep/study/outlook.hpp"

#include <algorithm>
#include <cstdint>

#include <fmt/format.h>

namespace rhosweep::app {

namespace {

/// The largest number of blocks that are simulated for the report; this takes some tenths of a second.
constexpr std::int64_t most_simulated_blocks = 20'000;

/// Returns lines that say up to how many ranks would have been busy, and what to request for the next run, by
/// the rule of `plan --sbatch`.
/// @param ranks number of ranks of the run
std::vector<std::string> advice(const study::Study& study, const model::CellSet& to_run,
                                const study::RecordedTimes& recorded, const Times& times,
                                std::int64_t ranks) {
  const model::CellSet left = recorded.left_of(to_run);
  const bool is_complete = left.size() == 0;
  const model::CellSet& cells = is_complete ? to_run : left;
  if (cells.size() / study::block_widths(study).step > most_simulated_blocks) return {};
  const std::int64_t most = std::max(ranks, study::most_ranks_unasked);
  const study::Outlook busy = study::Forecaster(study, recorded, cells).most_busy(most);
  const double limit = study::time_limit_for(busy, {.set_up = times.set_up, .make_file = times.make_file},
                                             study::on_such_nodes);
  return {fmt::format("up to {} {} at least {:.0f} % busy ({})", core::counted(busy.ranks, "rank"),
                      is_complete ? "would have been" : "would be, for what is left,",
                      100 * study::busy_enough, core::to_duration_text(busy.seconds)),
          fmt::format("next time, as measured: sbatch --ntasks={} --time={}", busy.ranks, slurm_time(limit))};
}

}  // namespace

bool reports_use(const RunOptions& options, const Times& times) {
  if (options.progress == ProgressStyle::none) return false;
  return times.blocks >= (options.progress == ProgressStyle::log ? 1.0 : 10.0);
}

std::vector<std::string> run_report(const study::Study& study, const model::CellSet& to_run,
                                    const study::BlocksOutcome& outcome, const study::RunUse& use,
                                    const Times& times) {
  std::vector<std::string> lines{
      fmt::format("{} {} busy, writing {}; {} of a core in use", core::counted(use.ranks, "rank"),
                  core::percent_text(use.busy_share()), core::percent_text(use.writing_share()),
                  core::percent_text(use.processor_share()))};
  // A rank with less than this share of the mean processor time may share its core with another process. With
  // multi-threaded programs, shares differ more and do not show this.
  constexpr double notably_less = 0.8;
  if (use.least_processor_share < notably_less * use.processor_share())
    lines.push_back(fmt::format("rank {} had {} of a core: does it share one with another process?",
                                use.least_used.value, core::percent_text(use.least_processor_share)));
  // The rounds of a search, and those of [stop_when], vary too much for a forecast.
  const bool has_rounds = study.sweep().search() || study.sweep().stop_when();
  // Failed trials may end early, so the times of a run in which all failed say nothing about the next.
  const bool has_results = outcome.tally.done + outcome.tally.diverged > 0;
  if (!has_rounds && has_results && outcome.times && outcome.times->blocks() > 0)
    std::ranges::move(advice(study, to_run, *outcome.times, times, use.ranks), std::back_inserter(lines));
  return lines;
}

}  // namespace rhosweep::app
