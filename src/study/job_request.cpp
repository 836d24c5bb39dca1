#include "rhosweep/study/job_request.hpp"

#include "rhosweep/study/blocks.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace rhosweep::study {

namespace {

constexpr double minute = 60.0;
constexpr double hour = 3600.0;
constexpr double longest_job = 24 * hour;     // many partitions allow no more
constexpr std::int64_t most_ranks = 128;      // about a node
constexpr double start_and_end = 2 * minute;  // modules, MPI on many nodes, the time kept free at the end

/// Returns the prediction for the fewest ranks that end within an hour, or for the most that are allowed and
/// busy.
Outlook choose_ranks(const Forecaster& forecaster) {
  constexpr double about_an_hour = 1.03 * hour;
  const Outlook busy = forecaster.most_busy();
  const std::int64_t most = std::min(busy.ranks, most_ranks);
  const double least = std::ceil(forecaster.core_seconds() / hour);
  std::int64_t ranks =
      least < static_cast<double>(most) ? std::max<std::int64_t>(1, std::llround(least)) : most;
  Outlook chosen = forecaster.predict(ranks);
  while (chosen.seconds > about_an_hour && ranks < most) {
    ranks = std::min(most, ranks + 1 + ranks / 16);
    chosen = forecaster.predict(ranks);
  }
  return chosen;
}

/// Returns the cells to run of the shard with the most work.
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
    return settings.ranks ? job.predict(*settings.ranks) : choose_ranks(job);
  };
  request.outlook = outlook_of(whole);
  const auto set_limit = [&] {
    request.seconds = time_limit_for(request.outlook, settings.overhead, on_other_nodes);
  };
  set_limit();
  const std::int64_t most = std::min(settings.most_shards, to_run.size() / block_widths(study).step);
  while (request.seconds > longest_job && request.shards < most) {
    const double wanted = std::ceil(static_cast<double>(request.shards) * request.seconds / longest_job);
    request.shards = wanted < static_cast<double>(most) ? std::llround(wanted) : most;
    const model::CellSet cells = largest_shard(study, to_run, request.shards);
    request.outlook = outlook_of(Forecaster(study, speed, cells));
    set_limit();
  }
  return request;
}

}  // namespace rhosweep::study
