#pragma once

#include "rhosweep/model/cell_set.hpp"
#include "rhosweep/study/outlook.hpp"
#include "rhosweep/study/study.hpp"

#include <cstdint>
#include <optional>

namespace rhosweep::study {

/// What a run takes besides its blocks, in seconds.
struct Overhead {
  double set_up = 0.0;     ///< reading the sweep and its data, computing the minima
  double make_file = 0.0;  ///< making the results file
};

/// How many times slower than predicted a job may be and still end within its time limit.
inline constexpr double on_other_nodes = 2.0;  ///< predicted from another machine, such as a login node
inline constexpr double on_such_nodes = 1.3;   ///< predicted from a run on such nodes

/// Returns a time limit for a run in seconds, in whole minutes. A run starts only blocks that end in time by
/// the Forecast, so there is room for another block after the last one; and for the start of MPI and for what
/// the run keeps free at its end.
/// @param slower how many times slower than predicted the run may be, at least 1
double time_limit_for(const Outlook& run, const Overhead& overhead, double slower);

/// How many ranks rhosweep advises at most, about a node; more only if a run has had more.
inline constexpr std::int64_t most_ranks_unasked = 128;

/// A longer job is cut into shards: many partitions allow no more.
inline constexpr double longest_job = 24 * 3600.0;

/// What is known before a job is requested.
struct JobSettings {
  std::optional<std::int64_t> ranks = {};  ///< of a job, at least 1; absent: request_job() chooses
  std::int64_t most_shards = 1000;         ///< Slurm's default limit of an array's tasks is 1001
  Overhead overhead = {};                  ///< of a job
};

/// One or several jobs to ask a batch system for.
struct JobRequest {
  std::int64_t shards = 1;  ///< number of jobs, each for a shard of the sweep; 1: one job for all cells
  Outlook outlook;          ///< predicted course of the job with the most work, with its number of ranks
  double seconds = 0.0;     ///< time limit of a job
};

/// Chooses jobs for a sweep. A job gets the given number of ranks; otherwise Forecaster::most_busy(), at most
/// `most_ranks_unasked`. Jobs that would ask for more than `longest_job` are made shorter by cutting the
/// sweep into shards, as long as that makes them shorter and a shard has a block for each rank.
/// @param speed floating-point operations per second of a core, as for Forecaster
/// @param to_run cells to run, at least one
JobRequest request_job(const Study& study, double speed, const model::CellSet& to_run,
                       const JobSettings& settings);

}  // namespace rhosweep::study
