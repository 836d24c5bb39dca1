#pragma once

#include <cstdint>

namespace rhosweep::program {

/// The place of a rank among the ranks of its node.
struct NodePlace {
  std::int64_t rank = 0;     ///< index of the rank on the node, which determines the placeholder {device}
  std::int64_t sharing = 1;  ///< number of ranks, including this one, that may run on the same processors
};

}  // namespace rhosweep::program
