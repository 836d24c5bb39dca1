#pragma once

#include <functional>

namespace rhosweep::model {

/// Called regularly while a block runs: between mini-batches and within long passes over the data. On rank 0
/// it serves the workers meanwhile. Returns whether the block may go on; after false it is abandoned. Does
/// not throw.
using Yield = std::function<bool()>;

}  // namespace rhosweep::model
