#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace rhosweep::model {

/// The section [search] of a sweep file: how a run searches the grid for the best stepsizes instead of
/// running all of it (analysis::next_seeds).
struct SearchSettings {
  std::string metric = {};       ///< what is minimised; empty: the metric that an analysis takes by default
  double tolerance = 0.05;       ///< of the error at the stepsize that is found, relative
  double confidence = 0.9;       ///< of all comparisons of stepsizes together, in [0.5, 1)
  std::int64_t first_seeds = 2;  ///< seeds that a stepsize starts with
  std::optional<double> first_ratio =
      {};  ///< of neighbouring stepsizes in the first round; absent: by theory
};

}  // namespace rhosweep::model
