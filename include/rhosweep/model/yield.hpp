#pragma once

#include <functional>

namespace rhosweep::model {

/// Called regularly while a block runs: between mini-batches and within long passes over the data. On rank 0,
/// it also serves the workers. Returns whether the block continues; false abandons the block. Does not throw.
using Yield = std::function<bool()>;

}  // namespace rhosweep::model
