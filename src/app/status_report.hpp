#pragma once

#include "rhosweep/model/block.hpp"
#include "rhosweep/store/results_reader.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace rhosweep::app {

/// What `rhosweep status` says about a results file, read once and shown as text or JSON.
struct StatusReport {
  struct Failure {
    model::Block cell;  ///< a block of one trial
    std::string reason;
  };

  explicit StatusReport(const store::ResultsReader& file);

  std::int64_t cells = 0;
  std::int64_t done = 0;
  std::int64_t diverged = 0;
  std::int64_t failed = 0;
  std::int64_t pending = 0;
  std::int64_t not_needed = 0;                                  ///< cells that the search did not need
  std::int64_t stopped = 0;                                     ///< cells that [stop_when] has stopped
  std::int64_t excluded = 0;                                    ///< cells that the sweep leaves out
  std::int64_t finished = 0;                                    ///< done, diverged or stopped
  std::string shard;                                            ///< "I/N"; empty: the file is no shard
  std::string shard_cells;                                      ///< number of cells of the shard
  double seconds = 0.0;                                         ///< sum of the wall times of all trials
  std::vector<std::pair<std::string, std::string>> provenance;  ///< non-empty entries, in the file's order
  std::vector<std::pair<std::string, std::int64_t>>
      sources;                    ///< files that cells were copied from, with the number of cells
  std::vector<Failure> failures;  ///< every failed cell
};

/// Returns the report as one JSON object.
std::string to_json(const StatusReport& report, const store::ResultsReader& file);

}  // namespace rhosweep::app
