#pragma once

#include <functional>

namespace rhosweep::model {

/// Called regularly while a block runs: between mini-batches and within long passes over the data. On rank 0
/// it serves the workers meanwhile. Returns false if the block must be given up. Does not throw.
using Pulse = std::function<bool()>;

}  // namespace rhosweep::model
