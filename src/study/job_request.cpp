#include "rhosweep/study/job_request.hpp"

#include "rhosweep/study/blocks.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace rhosweep::study {

namespace {

constexpr double minute = 60.0;
constexpr double start_and_end = 2 * minute;  // for loading modules, starting MPI, a reserve at the end

/// Returns the cells to run in the shard with the most work.
model::CellSet largest_shard(const Study& study, const model::CellSet& to_run, std::int64_t shards) {
  std::optional<model::CellSet> largest;
  double most = 0.0;
  for (std::int64_t index = 1; index <= shards; ++index) {
    model::CellSet cells = shard_cells(study, {.index = index, .count = shards});
    cells.intersect(to_run);
    const double cost = cost_of(study, cells);
    if (largest && cost <= most) continue;
    most = cost;
    largest = std::move(cells);
  }
  return std::move(largest).value();
}

}  // namespace

double time_limit_for(const Outlook& run, const Overhead& overhead, double slower) {
  const double blocks = run.seconds + run.block_seconds;
  return minute *
         std::ceil((slower * (blocks + overhead.set_up + overhead.make_file) + start_and_end) / minute);
}

JobRequest request_job(const Study& study, double speed, const model::CellSet& to_run,
                       const JobSettings& settings) {
  const Forecaster whole(study, speed, to_run);
  JobRequest request;
  const auto outlook_of = [&](const Forecaster& job) {
    return settings.ranks ? job.predict(*settings.ranks) : job.most_busy(most_ranks_unasked);
  };
  request.outlook = outlook_of(whole);
  const auto set_limit = [&] {
    request.seconds = time_limit_for(request.outlook, settings.overhead, on_other_nodes);
  };
  set_limit();
  // More shards make a job shorter only as long as each shard has a block for each rank.
  const std::int64_t narrowest = block_widths(study).step;
  const std::int64_t most =
      std::min(settings.most_shards, to_run.size() / narrowest / settings.ranks.value_or(1));
  const auto can_be_shorter = [&] {
    return request.outlook.width > narrowest || request.outlook.seconds > 1.5 * request.outlook.block_seconds;
  };
  while (request.seconds > longest_job && request.shards < most && can_be_shorter()) {
    const double wanted = std::ceil(static_cast<double>(request.shards) * request.seconds / longest_job);
    request.shards = wanted < static_cast<double>(most) ? std::llround(wanted) : most;
    const model::CellSet cells = largest_shard(study, to_run, request.shards);
    request.outlook = outlook_of(Forecaster(study, speed, cells));
    set_limit();
  }
  return request;
}

}  // namespace rhosweep::study
