#pragma once

#include "rhosweep/core/ids.hpp"
#include "rhosweep/model/block.hpp"

#include <functional>

namespace rhosweep::sched {

/// Called between the mini-batches of a block: there rank 0 serves its workers. False asks to give the block
/// up. Does not throw.
using Pulse = std::function<bool()>;

/// Runs a block. A trial that fails is data, so this does not throw for it.
using RunBlock = std::function<model::BlockResult(core::BlockIndex, const Pulse&)>;

/// Stores a block's result.
using WriteBlock = std::function<void(core::BlockIndex, const model::BlockResult&)>;

}  // namespace rhosweep::sched
