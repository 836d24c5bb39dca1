#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace rhosweep::model {

/// The section [search] of a sweep file: how a run searches the grid for the best stepsizes instead of
/// running all of it (analysis::next_seeds).
struct SearchSettings {
  std::string metric = {};       ///< the metric that is minimised; empty: analysis::default_metric()
  double tolerance = 0.05;       ///< allowed regret of the stepsize that the search finds
  double confidence = 0.9;       ///< joint confidence of all comparisons of stepsizes, in [0.5, 1)
  std::int64_t first_seeds = 2;  ///< number of seeds that each stepsize is first run with
  /// Ratio of neighbouring stepsizes in the first round; absent: the theory determines it.
  std::optional<double> first_ratio = {};
};

}  // namespace rhosweep::model
