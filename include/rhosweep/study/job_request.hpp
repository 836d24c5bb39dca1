#pragma once

#include "rhosweep/model/cell_set.hpp"
#include "rhosweep/study/outlook.hpp"
#include "rhosweep/study/study.hpp"

#include <cstdint>
#include <optional>

namespace rhosweep::study {

/// Time that a run needs in addition to the time of its blocks, in seconds.
struct Overhead {
  double set_up = 0.0;     ///< time to read the sweep and its data and to compute the minima
  double make_file = 0.0;  ///< time to make the results file
};

/// Factor by which a job may be slower than predicted and still end within its time limit.
inline constexpr double on_other_nodes = 2.0;  ///< if predicted on another machine, such as a login node
inline constexpr double on_such_nodes = 1.3;   ///< if predicted from a run on the same kind of nodes

/// Returns a time limit for a run in seconds, rounded up to whole minutes. The limit includes the time of one
/// more block: `Forecast` lets a block start only if there is time for another block before it. The limit
/// also includes the time to start MPI and the reserve at the end of the run.
/// @param slower how many times slower than predicted the run may be, at least 1
double time_limit_for(const Outlook& run, const Overhead& overhead, double slower);

/// Largest number of ranks that rhosweep advises, about one node. After a run with more ranks, the limit is
/// the number of ranks of that run.
inline constexpr std::int64_t most_ranks_unasked = 128;

/// Time limit in seconds that many partitions allow; longer jobs are cut into shards.
inline constexpr double longest_job = 24 * 3600.0;

/// The input of request_job() besides the sweep, the speed and the cells.
struct JobSettings {
  std::optional<std::int64_t> ranks = {};  ///< ranks of a job, at least 1; absent: request_job() chooses
  std::int64_t most_shards = 1000;         ///< largest number of shards; Slurm's default MaxArraySize is 1001
  Overhead overhead = {};                  ///< time that a job needs in addition to the time of its blocks
};

/// One or several jobs to request from a batch system.
struct JobRequest {
  std::int64_t shards = 1;  ///< number of jobs, each for a shard of the sweep; 1: one job for all cells
  Outlook outlook;          ///< predicted course and number of ranks of the job with the most work
  double seconds = 0.0;     ///< time limit of a job
};

/// Chooses jobs for a sweep. A job gets the given number of ranks or, if none is given, the number that
/// Forecaster::most_busy() finds up to `most_ranks_unasked`. If a job would exceed `longest_job`, the sweep
/// is cut into shards, as long as this shortens the jobs and each shard has at least one block per rank.
/// @param speed floating-point operations per second of a core
/// @param to_run cells to run, at least one
JobRequest request_job(const Study& study, double speed, const model::CellSet& to_run,
                       const JobSettings& settings);

}  // namespace rhosweep::study
